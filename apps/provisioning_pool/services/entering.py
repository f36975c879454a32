"""The one transaction in which checked provisioning certificates enter the pool."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import bulk, locks
from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.pki import status, sub_cas
from apps.pki.models import SubCa
from apps.provisioning_pool import selectors, signals
from apps.provisioning_pool.checks import Accepted, Chain, ParsedChain
from apps.provisioning_pool.messages import foreign_owner
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.services.withdrawal import remove
from apps.root_pool.models import RootCertificate
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What an OEM sends about one vehicle. `previous_pcid` is withdrawn.

    `v2g_roots` are the key identifiers of the roots that the vehicle carries; None leaves what the
    pool knows of that as it is. Without `version` the curve of the key decides.
    """

    chain: Chain
    version: IsoVersion | None = None
    v2g_roots: Sequence[bytes] | None = ()
    previous_pcid: Pcid | None = None


class Change(StrEnum):
    """What publishing did to the pool."""

    NEW = "new"
    SAME = "same"
    RENEWED = "renewed"
    REKEYED = "rekeyed"


@dataclass(frozen=True, slots=True)
class Published:
    """The row of a vehicle, and how it came there."""

    row: ProvisioningCertificate
    change: Change


Outcome = Published | DomainError


@dataclass(slots=True)
class Work:
    """A publication on its way; it goes no further once it has an outcome."""

    publication: Publication
    owner_id: int
    outcome: Outcome | None = None
    parsed: ParsedChain | None = None
    accepted: Accepted | None = None
    present: ProvisioningCertificate | None = None

    @property
    def settled(self) -> Outcome:
        """What became of it, once all is over."""
        if self.outcome is None:
            raise RuntimeError("The publication is still on its way")
        return self.outcome

    @property
    def read(self) -> ParsedChain:
        """The certificates, once they are read."""
        if self.parsed is None:
            raise RuntimeError("The certificates were not read")
        return self.parsed

    @property
    def checked(self) -> Accepted:
        """The outcome of the checks."""
        if self.accepted is None:
            raise RuntimeError("The certificates were not checked")
        return self.accepted

    @property
    def version(self) -> IsoVersion:
        """As it was sent, else that of the key's curve; ISO 15118-2 where the curve is of none."""
        if self.publication.version is not None:
            return self.publication.version
        of_curve = {version.curve.name: version for version in IsoVersion}
        return of_curve.get(self.read.vehicle.curve, IsoVersion.ISO_2)

    @property
    def names(self) -> tuple[Pcid, ...]:
        """The PCIDs that it changes."""
        previous = self.publication.previous_pcid
        return (self.read.pcid, previous) if previous else (self.read.pcid,)


def present(works: Sequence[Work]) -> Mapping[str, ProvisioningCertificate]:
    """Return what the pool has under the PCIDs of those that are on their way."""
    named = [pcid for work in works if work.outcome is None for pcid in work.names]
    return selectors.current_many(named)


def own(work: Work, found: Mapping[str, ProvisioningCertificate]) -> ProvisioningCertificate | None:
    """Return the row of a work's PCID; Forbidden where a PCID that it names is another's."""
    rows = [found.get(str(pcid)) for pcid in work.names]
    if any(row is not None and row.owner_id != work.owner_id for row in rows):
        raise foreign_owner()
    return rows[0]


def enter(
    actor: Actor, works: Sequence[Work], then: Callable[[Sequence[Outcome]], None] | None
) -> None:
    """Write what passed its checks and holds still; the others get why not as their outcome."""
    waiting = [work for work in works if work.outcome is None]
    if not waiting and then is None:
        return
    with transaction.atomic():
        locks.hold_all(f"pcid:{pcid}" for work in waiting for pcid in work.names)
        found = present(waiting)
        trusted = _trusted(waiting)
        lost = status.lost([work.checked.statuses for work in waiting])
        for work in waiting:
            try:
                _look_again(work, found, trusted, lost)
            except DomainError as error:
                work.outcome = error
        _write(actor, [work for work in waiting if work.outcome is None], found)
        if then is not None:
            then([work.settled for work in works])


def _trusted(works: Sequence[Work]) -> set[int]:
    roots = {work.checked.root.pk for work in works}
    rows = RootCertificate.objects.trusted().filter(pk__in=roots)
    return set(rows.values_list("pk", flat=True))


def _look_again(
    work: Work,
    found: Mapping[str, ProvisioningCertificate],
    trusted: Set[int],
    lost: Set[bytes],
) -> None:
    row = own(work, found)
    if row and bytes(row.fingerprint) == work.read.vehicle.fingerprint:
        work.outcome = Published(row, Change.SAME)
        return
    if work.checked.root.pk not in trusted:
        raise Invalid("unknown_root", "The root of this chain is not trusted any more.")
    if lost and not lost.isdisjoint(one.fingerprint for one in work.checked.statuses):
        raise status.revoked_just_now()
    work.present = row


def _write(
    actor: Actor, works: Sequence[Work], found: Mapping[str, ProvisioningCertificate]
) -> None:
    if not works:
        return
    above = _sub_cas(works)
    for work in works:
        work.outcome = Published(_row(work, above), _change(work))
    published = [work.outcome for work in works if isinstance(work.outcome, Published)]
    new = [one.row for one in published if one.change is Change.NEW]
    bulk.insert(new)
    _replace([one.row for one in published if one.change is not Change.NEW])
    rekeyed = [one.row.pcid for one in published if one.change is Change.REKEYED]
    if rekeyed:
        signals.rekeyed.send(sender=ProvisioningCertificate, pcids=rekeyed, actor=actor)
    previous = [found.get(str(pcid)) for work in works for pcid in work.names[1:]]
    remove(actor=actor, rows=[row for row in previous if row], reason="replaced")
    entries = [_entry(work) for work in works]
    audit.record_many(actor=actor, action="provisioning_pool.publish", entries=entries)


def _replace(rows: Sequence[ProvisioningCertificate]) -> None:
    """Write by key: an update of many rows with as many values is slow."""
    kept = {"id", "pcid", "owner_id"}
    fields = ProvisioningCertificate._meta.concrete_fields  # noqa: SLF001  Django's own API
    ProvisioningCertificate.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[field.name for field in fields if field.attname not in kept],
    )


def _change(work: Work) -> Change:
    if work.present is None:
        return Change.NEW
    before = Certificate.from_der(bytes(work.present.der)).public_key
    return Change.RENEWED if before == work.read.vehicle.public_key else Change.REKEYED


def _sub_cas(works: Sequence[Work]) -> dict[bytes, SubCa]:
    needed = {one.fingerprint: one for work in works for one in work.read.sub_cas}
    return dict(zip(needed, sub_cas.remember(list(needed.values())), strict=True))


def _row(work: Work, above: Mapping[bytes, SubCa]) -> ProvisioningCertificate:
    vehicle, stored = work.read.vehicle, [above[one.fingerprint] for one in work.read.sub_cas]
    return ProvisioningCertificate(
        pk=work.present.pk if work.present else None,
        pcid=str(work.read.pcid),
        owner_id=work.owner_id,
        namespace=work.version.namespace,
        der=vehicle.der,
        fingerprint=vehicle.fingerprint,
        serial=vehicle.serial_octets,
        sub_ca2=stored[0] if len(stored) == 2 else None,
        sub_ca1=stored[-1],
        root_id=work.checked.root.pk,
        not_before=vehicle.not_before,
        not_after=vehicle.not_after,
        v2g_roots=_v2g_roots(work),
        previous_pcid=str(work.publication.previous_pcid or ""),
        checks=work.checked.record,
        published_at=timezone.now(),
    )


def _v2g_roots(work: Work) -> list[str]:
    if work.publication.v2g_roots is not None:
        return [key.hex() for key in work.publication.v2g_roots]
    return list(work.present.v2g_roots) if work.present else []


def _entry(work: Work) -> audit.Entry:
    return audit.Entry(
        target_type="vehicle",
        target_id=str(work.read.pcid),
        detail={
            "fingerprint": work.read.vehicle.fingerprint.hex(),
            "replaced": bytes(work.present.fingerprint).hex() if work.present else "",
            "new_key": isinstance(work.outcome, Published)
            and work.outcome.change is Change.REKEYED,
        },
    )
