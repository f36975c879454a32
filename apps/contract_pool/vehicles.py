"""The vehicle of a contract, as the pool reads it from the PCP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from apps.core.errors import Invalid
from apps.pki.status.reading import Held, refused, to_ask
from apps.provisioning_pool import selectors
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.reading import held
from apps.root_pool import generation
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate

NOT_AVAILABLE: Final = "The OEM provisioning certificate with the given PCID is not available."


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The current provisioning certificate of a PCID, as far as contracts need it.

    `sub_cas_valid`: none of its sub-CAs had expired when the row was read.
    """

    der: bytes
    owner_id: int
    root_id: int
    checks: Mapping[str, Any]
    v2g_roots: Sequence[str]
    not_before: datetime
    not_after: datetime
    sub_cas_valid: bool

    def carries(self, root: TrustedRoot) -> bool:
        """Tell whether the vehicle holds the V2G root; True where the OEM did not say."""
        key_id = root.certificate.extensions.subject_key_id
        return not self.v2g_roots or (key_id is not None and key_id.hex() in self.v2g_roots)

    def require_valid(self, root: TrustedRoot | None, *, now: datetime) -> TrustedRoot:
        """Check that the root is trusted and that the whole path is valid now (shell model).

        Raises Invalid: unknown_root, expired, not_yet_valid.
        """
        if root is None:
            raise Invalid("unknown_root", "The root of the vehicle is not trusted any more.")
        ends = min(self.not_after, root.certificate.not_after)
        if ends < now or not self.sub_cas_valid:
            raise Invalid("expired", "The OEM provisioning certificate, or one above it, expired.")
        if now < self.not_before:
            raise Invalid("not_yet_valid", "The OEM provisioning certificate is not valid yet.")
        return root


@dataclass(frozen=True, slots=True)
class Current:
    """A vehicle that contract data can be made for, its certificate read."""

    vehicle: Vehicle
    certificate: Certificate


def current(pcid: Pcid, *, now: datetime) -> Current:
    """Return one vehicle, see `current_many`. Raises Invalid with OPCP's text."""
    found = current_many([pcid], now=now)[pcid]
    if isinstance(found, Invalid):
        raise found
    return found


def current_many(
    pcids: Sequence[Pcid], *, now: datetime, heard: Callable[[], None] = lambda: None
) -> dict[Pcid, Current | Invalid]:
    """Return vehicles whose certificates are valid now and good, to make contract data for them.

    Where a stored answer about the status is too old for a write, the services are asked; `heard`
    is called before each request, and never inside a transaction. A vehicle that contract data
    cannot be made for has Invalid with OPCP's text in its place.
    """
    texts = [str(pcid) for pcid in pcids]
    rows = ProvisioningCertificate.objects.filter(pcid__in=texts)
    found = {row.pcid: row for row in _with_sub_cas(rows, many=len(texts) > 1)}
    number = generation.current()
    outcomes: dict[Pcid, Current | Invalid] = {}
    asked: dict[Pcid, list[Held]] = {}
    for pcid in pcids:
        try:
            outcomes[pcid], asked[pcid] = _valid(found.get(str(pcid)), number, now)
        except Invalid as error:
            outcomes[pcid] = _not_available(error)
    for pcid, refusal in (refused(asked, at=now) | _ask(asked, found, now, heard)).items():
        outcomes[pcid] = _not_available(refusal)
    return outcomes


def _with_sub_cas(
    rows: QuerySet[ProvisioningCertificate], *, many: bool
) -> QuerySet[ProvisioningCertificate]:
    """Vehicles of a batch share their sub-CAs: each is read once, not beside every vehicle."""
    names = ("sub_ca2", "sub_ca1")
    return rows.prefetch_related(*names) if many else rows.select_related(*names)


def _ask(
    held: Mapping[Pcid, Sequence[Held]],
    found: Mapping[str, ProvisioningCertificate],
    now: datetime,
    heard: Callable[[], None],
) -> dict[Pcid, Invalid]:
    """Ask about those whose stored status is too old, each service once for all of them."""
    asked = to_ask(held, at=now)
    rows = [found[str(pcid)] for pcid in asked]
    answers = selectors.refused_now(rows, at=now, heard=heard)
    return {pcid: one for pcid, one in zip(asked, answers, strict=True) if one is not None}


def _not_available(error: Invalid) -> Invalid:
    return Invalid(f"vehicle_{error.code}", NOT_AVAILABLE)


def _read(row: ProvisioningCertificate, now: datetime) -> Vehicle:
    sub_cas = [one for one in (row.sub_ca2, row.sub_ca1) if one is not None]
    return Vehicle(
        bytes(row.der),
        row.owner_id,
        row.root_id,
        row.checks,
        row.v2g_roots,
        row.not_before,
        row.not_after,
        sub_cas_valid=all(one.not_after >= now for one in sub_cas),
    )


def _valid(
    row: ProvisioningCertificate | None, number: int, now: datetime
) -> tuple[Current, list[Held]]:
    if row is None:
        raise Invalid("unknown", NOT_AVAILABLE)
    vehicle = _read(row, now)
    certificate = Certificate.from_der(vehicle.der)
    root = roots.trusted_by_pk(vehicle.root_id, known_generation=number)
    trusted = vehicle.require_valid(root, now=now)
    return Current(vehicle, certificate), list(held(vehicle.checks, trusted))
