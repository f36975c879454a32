"""A root comes in: one submits it, another person confirms its fingerprint."""

import hmac
import re

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core import transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.events.models import EventKind
from apps.participants.rights import Operation, require
from apps.root_pool import checks, generation
from apps.root_pool.models import RootCertificate
from apps.root_pool.services.log import announce, identity, record
from v2g.pki.anchors import RootKind
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

_SEPARATORS = re.compile(r"[\s:.-]")


def submit(*, actor: Actor, der: bytes, root_type: RootCertificate.Type) -> RootCertificate:
    """Take a root in as the first pair of eyes; it is trusted once another person confirms it.

    OPCP saveRootCa. Raises Forbidden for others than the operator, Invalid where the certificate
    is no usable root or is in the pool already; one that still waits is returned as it is.
    """
    require(actor, Operation.RCP_WRITE)
    transactions.forbid("Checking a root")
    certificate = checks.read(der)
    version = checks.check(certificate, RootKind(root_type), timezone.now())
    root = _row(certificate, version, root_type)
    root.submitted_by, root.submitted_by_label = identity(actor), actor.label[:150]
    try:
        with transaction.atomic():
            root.save(force_insert=True)
            record(actor, "submit", root)
    except IntegrityError as error:
        return _waiting(root, error)
    return root


def _waiting(root: RootCertificate, error: IntegrityError) -> RootCertificate:
    """Return the same root that still waits: a repeated request is answered like the first."""
    known = RootCertificate.objects.filter(
        fingerprint=root.fingerprint,
        root_type=root.root_type,
        state=RootCertificate.State.SUBMITTED,
    ).first()
    if known is None:
        raise Invalid("root_known", "This root certificate is already in the pool.") from error
    return known


def confirm(*, actor: Actor, root: RootCertificate, fingerprint: str) -> RootCertificate:
    """Trust a submitted root: the second pair of eyes.

    `fingerprint` is the SHA-256 as the confirming person received it over another channel, in any
    case, with colons or spaces. Raises Forbidden unless a person of the operator who is not the
    one who submitted it asks, Invalid where the fingerprint is another or the root has expired,
    Conflict where it does not wait any more.
    """
    require(actor, Operation.RCP_CONFIRM)
    if identity(actor) == root.submitted_by:
        raise Forbidden("same_person", "Another person must confirm what you submitted.")
    typed = _SEPARATORS.sub("", fingerprint).lower()
    if not hmac.compare_digest(typed.encode(), bytes(root.fingerprint).hex().encode()):
        raise Invalid("fingerprint_differs", "The fingerprint is not that of this certificate.")
    now = timezone.now()
    if now > root.not_after:
        raise Invalid("expired", "The root certificate has expired meanwhile.")
    with transaction.atomic():
        _move(
            root,
            RootCertificate.State.TRUSTED,
            confirmed_by=identity(actor),
            confirmed_by_label=actor.label[:150],
            confirmed_at=now,
        )
        generation.change()
        record(actor, "confirm", root, submitted_by=root.submitted_by)
        announce(EventKind.ROOT_ADDED, root)
    return root


def reject(*, actor: Actor, root: RootCertificate) -> RootCertificate:
    """Turn a submitted root down; who submitted it may take it back this way.

    Raises Forbidden unless a person of the operator asks, Conflict where it does not wait any more.
    """
    require(actor, Operation.RCP_CONFIRM)
    with transaction.atomic():
        _move(root, RootCertificate.State.REJECTED)
        record(actor, "reject", root, submitted_by=root.submitted_by)
    return root


def _move(root: RootCertificate, state: RootCertificate.State, **fields: object) -> None:
    """Change the state only if the root still waits: of two persons one wins."""
    waiting = RootCertificate.objects.filter(pk=root.pk, state=RootCertificate.State.SUBMITTED)
    if not waiting.update(state=state, updated_at=timezone.now(), **fields):
        raise Conflict("root_not_waiting", "This root does not wait for a confirmation any more.")
    root.refresh_from_db()


def _row(
    certificate: Certificate, version: IsoVersion, root_type: RootCertificate.Type
) -> RootCertificate:
    return RootCertificate(
        root_type=root_type,
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        subject=_text(certificate.subject.text, 300),
        common_name=_text(certificate.common_name, 100),
        organization_name=_text(", ".join(certificate.subject.values("O")), 100),
        key_identifier=certificate.extensions.subject_key_id or b"",
        serial=certificate.serial_octets,
        namespace=version.namespace,
        curve=certificate.curve,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        status_max_age_days=settings.STATUS_MAX_AGE_DAYS,
    )


def _text(value: str, limit: int) -> str:
    """What of a name fits its column; PostgreSQL stores no NUL."""
    return value.replace("\x00", "")[:limit]
