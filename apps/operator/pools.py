"""What the pools hold, what ends when, who holds it and what hangs on each root.

Every number is bounded (`counting.amount`) and leads to the list that proves it. All operators see
the same, so it is gathered at most once a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.contract_pool import visibility as contracts
from apps.contract_pool.models import Contract
from apps.core.actor import Actor, Role
from apps.core.web.counting import Amount, amount
from apps.operator import filters
from apps.participants.models import Organization
from apps.pki import lasting
from apps.pki import selectors as pki
from apps.pki.models import IssuedCertificate
from apps.provisioning_pool import selectors as vehicles
from apps.root_pool import selectors as roots
from apps.root_pool.models import RootCertificate

Text = str | Promise
PERIODS: Final = (("30", 30), ("soon", 60), ("90", 90))
"""Values of the lists' own filter over the end of a validity, and the days that each means."""
COUNTED: Final = 60
SHOWN: Final = 20
KEPT_S: Final = 60
KEY: Final = "operator:pools"

VEHICLES: Final = "provisioning_pool_provisioningcertificate"
CONTRACTS: Final = "contract_pool_contract"
DATA: Final = "contract_pool_contractdata"
ISSUED: Final = "pki_issuedcertificate"
ROOTS: Final = "root_pool_rootcertificate"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list behind it."""

    amount: Amount
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One pool: all of it, what ends within 30, 60 and 90 days, what has ended."""

    title: Text
    total: Figure
    within: tuple[Figure, ...]
    expired: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A party or a root with what belongs to it, the first figure being what it is ranked by."""

    name: str
    href: str
    note: Text = ""
    figures: tuple[Figure, ...]

    @property
    def size(self) -> int:
        return self.figures[0].amount.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The largest holders. `left_out` says that there are others."""

    holders: tuple[Holder, ...]
    left_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the page shows, as it was at an instant."""

    at: datetime
    pools: tuple[Pool, ...]
    oems: Ranking
    mos: Ranking
    roots: Ranking


def overview(viewer: Actor) -> Overview:
    """Return what was gathered within the last minute, else gather it. For the operator alone."""
    found: Overview | None = cache.get(KEY)
    if found is None:
        found = _gathered(viewer)
        cache.set(KEY, found, KEPT_S)
    return found


def _gathered(viewer: Actor) -> Overview:
    now = timezone.now()
    return Overview(
        at=now,
        pools=tuple(_pool(now, *described) for described in _pools(viewer)),
        oems=_parties(viewer, Role.OEM, lambda party: _of_oem(viewer, party, now)),
        mos=_parties(viewer, Role.MO, lambda party: _of_mo(viewer, party)),
        roots=_roots(viewer),
    )


def _pools(viewer: Actor) -> list[tuple[Text, QuerySet[Any], str, str, str]]:
    """Name each pool with its rows, the field of their end, their list and its filter."""
    trusted = roots.visible(viewer).filter(state=RootCertificate.State.TRUSTED)
    running = contracts.visible(viewer).filter(state=Contract.State.RUNNING)
    issued = pki.issued(viewer).filter(state=IssuedCertificate.State.ISSUED)
    # Responders of OCSP live for weeks and are followed by themselves: their end is no news.
    issued = issued.exclude(profile__in=lasting.ROLLED)
    return [
        (_("Root certificates (RCP)"), trusted, "not_after", ROOTS, "state=trusted"),
        (_("Vehicles (PCP)"), vehicles.visible(viewer), "not_after", VEHICLES, ""),
        (_("Running contracts (CCP)"), running, "ends", CONTRACTS, "state=running"),
        (_("Contract data (CCP)"), contracts.visible_data(viewer), "valid_until", DATA, ""),
        (_("Issued certificates"), issued, "not_after", ISSUED, "state=issued&rolled=no"),
    ]


def _pool(
    now: datetime, title: Text, rows: QuerySet[Any], field: str, address: str, query: str
) -> Pool:
    within = tuple(
        Figure(amount(_ending(rows, field, now, days)), _list(address, query, f"ends={name}"))
        for name, days in PERIODS
    )
    expired = amount(rows.filter(**{f"{field}__lt": now}))
    return Pool(
        title=title,
        total=Figure(amount(rows), _list(address, query)),
        within=within,
        expired=Figure(expired, _list(address, query, "ends=expired")),
    )


def _parties(
    viewer: Actor, role: Role, figures: Callable[[Organization], tuple[Figure, ...]]
) -> Ranking:
    """Rank the parties with a role, of at most COUNTED by name."""
    found = list(filters.parties(viewer, role)[: COUNTED + 1])
    address = "admin:participants_organization_change"
    holders = [
        Holder(name=party.name, href=reverse(address, args=[party.uuid]), figures=figures(party))
        for party in found[:COUNTED]
    ]
    holders.sort(key=lambda one: -one.size)
    return Ranking(holders=tuple(holders[:SHOWN]), left_out=len(found) > SHOWN)


def _of_oem(viewer: Actor, party: Organization, now: datetime) -> tuple[Figure, ...]:
    rows, query = vehicles.visible(viewer).filter(owner=party), f"oem={party.uuid}"
    soon = _ending(rows, "not_after", now, 60)
    return (
        Figure(amount(rows), _list(VEHICLES, query)),
        Figure(amount(soon), _list(VEHICLES, query, "ends=soon")),
    )


def _of_mo(viewer: Actor, party: Organization) -> tuple[Figure, ...]:
    rows = contracts.visible(viewer).filter(mo=party, state=Contract.State.RUNNING)
    return (Figure(amount(rows), _list(CONTRACTS, f"mo={party.uuid}", "state=running")),)


def _roots(viewer: Actor) -> Ranking:
    """What hangs on the roots that are or were trusted, by type and name."""
    found = list(filters.anchoring(viewer)[: SHOWN + 1])
    holders = tuple(_root(viewer, one) for one in found[:SHOWN])
    return Ranking(holders=holders, left_out=len(found) > SHOWN)


def _root(viewer: Actor, root: RootCertificate) -> Holder:
    data = contracts.visible_data(viewer)
    return Holder(
        name=str(root),
        href=reverse(f"admin:{ROOTS}_change", args=[root.uuid]),
        note=root.get_root_type_display(),
        figures=(
            Figure(
                amount(vehicles.visible(viewer).filter(root=root)),
                _list(VEHICLES, f"root={root.uuid}"),
            ),
            Figure(amount(data.filter(root=root)), _list(DATA, f"root={root.uuid}")),
            Figure(
                amount(data.filter(contract_root=root)), _list(DATA, f"contract_root={root.uuid}")
            ),
        ),
    )


def _ending(rows: QuerySet[Any], field: str, now: datetime, days: int) -> QuerySet[Any]:
    return rows.filter(**{f"{field}__gte": now, f"{field}__lt": now + timedelta(days=days)})


def _list(address: str, *queries: str) -> str:
    query = "&".join(one for one in queries if one)
    return reverse(f"admin:{address}_changelist") + (f"?{query}" if query else "")
