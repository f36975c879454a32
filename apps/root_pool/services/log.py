"""Who acted, and what is told of it."""

from typing import Any

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import EventKind
from apps.root_pool.models import RootCertificate


def identity(actor: Actor) -> str:
    """Name the actor so that a person and a client of the same number are not the same."""
    return f"{actor.kind.value}:{actor.identifier}"[:64]


def record(actor: Actor, action: str, root: RootCertificate, **detail: Any) -> None:
    """Write the audit event of a change of this root."""
    audit.record(
        actor=actor,
        action=f"root_pool.{action}",
        target_type="root_certificate",
        target_id=str(root.uuid),
        detail={
            "fingerprint": bytes(root.fingerprint).hex(),
            "root_type": root.root_type,
            "subject": root.subject,
            **detail,
        },
    )


def announce(kind: EventKind, root: RootCertificate) -> None:
    """Tell all parties (OPCP webhook `root.cert.*`); PE roots have no place in its payload."""
    if root.root_type == RootCertificate.Type.PE:
        return
    events.emit(
        kind=kind,
        payload={
            "rootCertificateId": str(root.uuid),
            "distinguishedName": root.subject,
            "commonName": root.common_name,
            "rootType": root.root_type,
            "rootSerialNumber": bytes(root.serial).hex(),
            "signatureAlgorithm": root.curve,
            "xsdMsgDefNamespace": root.namespace,
            "fingerprintSHA256": bytes(root.fingerprint).hex(),
        },
    )
