"""Reads of the PCP."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from apps.core.actor import Actor, Role
from apps.core.errors import Invalid
from apps.participants.rights import Operation, require
from apps.pki import status
from apps.pki.models import IssuedCertificate, SubCa
from apps.pki.status import Key
from apps.provisioning_pool import checks, reading
from apps.provisioning_pool.checks import ParsedChain
from apps.provisioning_pool.messages import not_found
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.reading import Shown
from apps.root_pool import selectors as roots
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain
from v2g.protocol import IsoVersion

_BATCH = 500


def get(viewer: Actor, pcid: Pcid, *, at: datetime) -> Shown:
    """Return a vehicle after checking its stored status and its chain (OPCP getOEMProvCert).

    Raises Forbidden for a foreign WMI or role, NotFound with OPCP's text, Invalid for a chain that
    no longer holds: removed root, expired, revoked, or no status answer younger than the root's
    policy asks for.
    """
    require(viewer, Operation.PCP_GET, wmi=pcid.wmi)
    return _verified(pcid, at)


def lookup(viewer: Actor, pcid: Pcid, *, at: datetime) -> None:
    """Tell whether the certificate of a PCID is available (OPCP lookupVehicle), as `get` would.

    Raises Forbidden for a foreign WMI or role, NotFound where the PCID is not in the pool, Invalid
    for a chain that no longer holds.
    """
    require(viewer, Operation.PCP_LOOKUP, wmi=pcid.wmi)
    _verified(pcid, at)


def _verified(pcid: Pcid, at: datetime) -> Shown:
    found = reading.find(pcid, at=at)
    if found is None:
        raise not_found()
    shown, is_good = found
    if is_good:
        return shown
    row = current(pcid)
    if row is None:
        raise not_found()
    verify_stored(row, at=at)
    return Shown.of(row)


def current(pcid: Pcid) -> ProvisioningCertificate | None:
    """Return the current row of a PCID with its chain, unchecked; for the pools above."""
    rows = ProvisioningCertificate.objects.select_related("sub_ca2", "sub_ca1", "root", "owner")
    return rows.filter(pcid=str(pcid)).first()


def current_many(pcids: Sequence[Pcid]) -> dict[str, ProvisioningCertificate]:
    """Return the current rows of many PCIDs by PCID, without their chains."""
    texts = [str(pcid) for pcid in pcids]
    found: dict[str, ProvisioningCertificate] = {}
    for start in range(0, len(texts), _BATCH):
        rows = ProvisioningCertificate.objects.filter(pcid__in=texts[start : start + _BATCH])
        found |= {row.pcid: row for row in rows}
    return found


def verify_stored(row: ProvisioningCertificate, *, at: datetime) -> CheckedChain:
    """Check a row's chain against today's roots and the stored status; Invalid for what fails."""
    version = IsoVersion.parse(row.namespace)
    chain = checks.check_path(parsed(row), roots.anchors(), version=version, at=at)
    status.stored(chain, policy=checks.root_of(chain).policy, at=at)
    return chain


def refused_now(
    rows: Sequence[ProvisioningCertificate],
    *,
    at: datetime,
    heard: Callable[[], None] = lambda: None,
) -> list[Invalid | None]:
    """Check the same before something new is made for vehicles: may ask their services.

    Has Invalid in the place of each row that is refused; `heard` as `status.check_many` has it.
    Never inside a transaction.
    """
    asked = [(parsed(row), IsoVersion.parse(row.namespace)) for row in rows]
    found = checks.verify_many(asked, at=at, heard=heard)
    return [one if isinstance(one, Invalid) else None for one in found]


def refusal(row: ProvisioningCertificate, *, at: datetime) -> Invalid | None:
    """Return why reads refuse a row although it is in the pool; None where they do not."""
    try:
        verify_stored(row, at=at)
    except Invalid as error:
        return error
    return None


def parsed(row: ProvisioningCertificate) -> ParsedChain:
    """Read the certificates of a row, in the order of a path."""
    subs = [sub for sub in (row.sub_ca2, row.sub_ca1) if sub is not None]
    return ParsedChain(
        Pcid(row.pcid),
        Certificate.from_der(bytes(row.der)),
        tuple(Certificate.from_der(bytes(sub.der)) for sub in subs),
    )


def with_keys(keys: Sequence[Key]) -> list[ProvisioningCertificate]:
    """Return the vehicles whose certificate has one of these issuers and serial numbers."""
    wanted = set(keys)
    rows = ProvisioningCertificate.objects.select_related("sub_ca2", "sub_ca1")
    found = rows.filter(serial__in={serial for _, serial in wanted}).order_by("pk")
    return [row for row in found if _key(row) in wanted]


def revoked_among(rows: Sequence[ProvisioningCertificate]) -> set[int]:
    """Return the keys of those rows whose foreign certificate was revoked for good."""
    keys = {_key(row): row.pk for row in rows}
    return {keys[key] for key in status.revoked_among(list(keys))}


def _key(row: ProvisioningCertificate) -> Key:
    issuer = row.sub_ca2 or row.sub_ca1
    return bytes(issuer.fingerprint), bytes(row.serial or b"")


def revoked_sub_cas() -> QuerySet[SubCa]:
    """Return the revoked sub-CAs of our own that vehicles still hang on."""
    revoked = IssuedCertificate.objects.filter(state=IssuedCertificate.State.REVOKED)
    hanging = ProvisioningCertificate.objects.below(OuterRef("pk"))
    return SubCa.objects.filter(Exists(hanging), fingerprint__in=revoked.values("fingerprint"))


def visible(viewer: Actor) -> QuerySet[ProvisioningCertificate]:
    """Return what the portal lists: an OEM its own vehicles, the operator all, others none."""
    if viewer.has(Role.OPERATOR):
        return ProvisioningCertificate.objects.all()
    if not viewer.has(Role.OEM) or viewer.organization_id is None:
        return ProvisioningCertificate.objects.none()
    return ProvisioningCertificate.objects.filter(owner=viewer.organization_id)
