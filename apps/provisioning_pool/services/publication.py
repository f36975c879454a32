"""A vehicle's provisioning certificate enters the pool, or takes the place of an older one.

OPCP addOEMProvCert. In steps: read and check; network and cryptography with no transaction open;
one short transaction under the lock of the PCID. What the pool holds is looked at again under the
lock, so of two who publish one vehicle at the same time the second follows the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import Forbidden, Invalid
from apps.participants.rights import Operation, require, require_role
from apps.pki import status, sub_cas
from apps.provisioning_pool import checks, selectors, signals
from apps.provisioning_pool.checks import Accepted, Chain
from apps.provisioning_pool.messages import foreign_owner
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.services.withdrawal import remove
from apps.root_pool.models import RootCertificate
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True)
class _Extras:
    """What the OEM says about the vehicle besides its certificates, and which OEM says it."""

    owner_id: int
    version: IsoVersion
    v2g_roots: list[str]
    previous_pcid: Pcid | None


def publish(
    *,
    actor: Actor,
    chain: Chain,
    version: IsoVersion = IsoVersion.ISO_2,
    v2g_roots: Sequence[bytes] = (),
    previous_pcid: Pcid | None = None,
) -> ProvisioningCertificate:
    """Publish the certificate of a vehicle and return its row.

    The same certificate again changes nothing, and is refused if it was revoked since. Another one
    with the same key takes its place; with a new key contracts leave too (`signals.rekeyed`).
    `previous_pcid` is withdrawn. `v2g_roots` are the key identifiers of the roots that the vehicle
    carries. Raises Forbidden for a foreign WMI or another owner, Invalid with OPCP's text for
    whatever fails a check. Never inside a transaction.
    """
    require_role(actor, Operation.PCP_PUBLISH)
    if actor.organization_id is None:
        raise Forbidden("role", "A vehicle is published by an OEM, not by the system.")
    transactions.forbid("Publishing a vehicle")
    parsed = checks.parse(chain)
    require(actor, Operation.PCP_PUBLISH, wmi=parsed.pcid.wmi)
    present = _present(actor.organization_id, parsed.pcid)
    _require_own_previous(actor.organization_id, parsed.pcid, previous_pcid)
    if present and bytes(present.fingerprint) == parsed.vehicle.fingerprint:
        return _again(present)
    accepted = checks.verify(parsed, version=version, at=timezone.now())
    keys = [key.hex() for key in v2g_roots]
    extras = _Extras(actor.organization_id, version, keys, previous_pcid)
    with transaction.atomic():
        locks.hold_all(f"pcid:{pcid}" for pcid in (parsed.pcid, previous_pcid) if pcid)
        present = _present(extras.owner_id, parsed.pcid)
        if present and bytes(present.fingerprint) == parsed.vehicle.fingerprint:
            return present
        return _write(actor, accepted, extras, present)


def _again(present: ProvisioningCertificate) -> ProvisioningCertificate:
    """Answer for what is in the pool already, unless it was revoked since."""
    refusal = selectors.refusal(present, at=timezone.now())
    if refusal is not None and refusal.code == "revoked":
        raise refusal
    return present


def _present(owner_id: int, pcid: Pcid) -> ProvisioningCertificate | None:
    """The row of this PCID, which must be the caller's own."""
    row = selectors.current(pcid)
    if row and row.owner_id != owner_id:
        raise foreign_owner()
    return row


def _require_own_previous(owner_id: int, pcid: Pcid, previous: Pcid | None) -> None:
    if previous is None:
        return
    if previous == pcid:
        raise Invalid("previous_pcid", "previousPcid : must be another PCID than the new one")
    _present(owner_id, previous)


def _write(
    actor: Actor,
    accepted: Accepted,
    extras: _Extras,
    present: ProvisioningCertificate | None,
) -> ProvisioningCertificate:
    parsed = accepted.parsed
    if not RootCertificate.objects.trusted().filter(pk=accepted.root.pk).exists():
        raise Invalid("unknown_root", "The root of this chain is not trusted any more.")
    status.require_still_issued(accepted.statuses)
    row = _store(parsed.pcid, extras.owner_id, _fields(accepted, extras), present)
    rekeyed = present is not None and _has_new_key(present, parsed.vehicle)
    if rekeyed:
        signals.rekeyed.send(sender=ProvisioningCertificate, pcids=[str(parsed.pcid)], actor=actor)
    if extras.previous_pcid:
        _withdraw_previous(actor, extras.owner_id, extras.previous_pcid)
    audit.record(
        actor=actor,
        action="provisioning_pool.publish",
        target_type="vehicle",
        target_id=str(parsed.pcid),
        detail={
            "fingerprint": parsed.vehicle.fingerprint.hex(),
            "replaced": bytes(present.fingerprint).hex() if present else "",
            "new_key": rekeyed,
        },
    )
    return row


def _store(
    pcid: Pcid, owner_id: int, fields: dict[str, Any], present: ProvisioningCertificate | None
) -> ProvisioningCertificate:
    if present is None:
        return ProvisioningCertificate.objects.create(pcid=str(pcid), owner_id=owner_id, **fields)
    ProvisioningCertificate.objects.filter(pk=present.pk).update(**fields)
    return ProvisioningCertificate.objects.get(pk=present.pk)


def _withdraw_previous(actor: Actor, owner_id: int, previous: Pcid) -> None:
    row = _present(owner_id, previous)
    if row:
        remove(actor=actor, rows=[row], reason="replaced")


def _has_new_key(present: ProvisioningCertificate, vehicle: Certificate) -> bool:
    return Certificate.from_der(bytes(present.der)).public_key != vehicle.public_key


def _fields(accepted: Accepted, extras: _Extras) -> dict[str, Any]:
    parsed = accepted.parsed
    stored = sub_cas.remember(parsed.sub_cas)
    return {
        "namespace": extras.version.namespace,
        "der": parsed.vehicle.der,
        "fingerprint": parsed.vehicle.fingerprint,
        "sub_ca2": stored[0] if len(stored) == 2 else None,
        "sub_ca1": stored[-1],
        "root_id": accepted.root.pk,
        "not_before": parsed.vehicle.not_before,
        "not_after": parsed.vehicle.not_after,
        "v2g_roots": extras.v2g_roots,
        "previous_pcid": str(extras.previous_pcid or ""),
        "checks": accepted.record,
        "published_at": timezone.now(),
    }
