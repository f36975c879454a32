"""CAs that count no more although something in the pools still hangs on them, and what that means.

A few leave with what hangs on them. A root, or a sub-CA with more than LIMIT dependants, does not:
a person decides, see `services.ask_about_lost`. Reads refuse all of it in any case.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from apps.pki import status
from apps.pki.models import IssuedCertificate, SubCa
from apps.root_pool import dependants
from apps.root_pool.models import CleansingDecision, RootCertificate

LIMIT: Final = 100
"""Dependants of a sub-CA that leave without being asked about."""
Why = CleansingDecision.Why


@dataclass(frozen=True, slots=True)
class Lost:
    """Roots and sub-CAs by their keys, each with why it counts no more."""

    roots: dict[int, Why]
    sub_cas: dict[int, Why]


def found(at: datetime, *, sub_cas: Collection[int] | None = None) -> Lost:
    """Return what counts no more at the instant; of the sub-CAs only those named, where any are."""
    return Lost(lost_roots(), lost_sub_cas(at, of=sub_cas))


def lost_roots() -> dict[int, Why]:
    """Return roots that were anchors; one that is trusted again by another row is not lost."""
    trusted = set(
        map(bytes, RootCertificate.objects.trusted().values_list("fingerprint", flat=True))
    )
    rows = RootCertificate.objects.gone().values_list("pk", "fingerprint", "state")
    return {pk: Why(state) for pk, fingerprint, state in rows if bytes(fingerprint) not in trusted}


def lost_sub_cas(at: datetime, *, of: Collection[int] | None = None) -> dict[int, Why]:
    """Return sub-CAs that expired, or were revoked: by our tables, or by what others publish."""
    rows = SubCa.objects.all() if of is None else SubCa.objects.filter(pk__in=of)
    revoked = IssuedCertificate.objects.filter(state=IssuedCertificate.State.REVOKED)
    ours = rows.filter(fingerprint__in=revoked.values("fingerprint"))
    why = dict.fromkeys(ours.values_list("pk", flat=True), Why.REVOKED)
    why |= dict.fromkeys(status.revoked_sub_cas(list(rows.filter(not_after__gte=at))), Why.REVOKED)
    expired = rows.filter(not_after__lt=at).values_list("pk", flat=True)
    return dict.fromkeys(expired, Why.EXPIRED) | why


def cleared(at: datetime, *, sub_cas: Collection[int] | None = None) -> Lost:
    """Return the lost CAs whose dependants may leave: few enough, or decided by a person."""
    lost = found(at, sub_cas=sub_cas)
    proceed = CleansingDecision.objects.proceeding()
    roots = set(proceed.exclude(root=None).values_list("root", flat=True))
    return Lost(
        {pk: why for pk, why in lost.roots.items() if pk in roots},
        {row.pk: lost.sub_cas[row.pk] for row in _rows(lost.sub_cas) if is_clear(row)},
    )


def is_clear(sub_ca: SubCa) -> bool:
    """Tell whether what hangs on a sub-CA may leave; an open question settles it either way."""
    asked = CleansingDecision.objects.open().filter(sub_ca=sub_ca).values_list("state", flat=True)
    state = asked.first()
    if state is not None:
        return state == CleansingDecision.State.PROCEED
    return sum(dependants.count_of_sub_ca(sub_ca).values()) <= LIMIT


def _rows(keys: Collection[int]) -> QuerySet[SubCa]:
    return SubCa.objects.filter(pk__in=keys).order_by("pk")


def to_ask(at: datetime) -> list[tuple[str, Why]]:
    """Return the names of CAs about which a run would ask, or somebody has not decided yet."""
    lost, clear = found(at), cleared(at)
    kept = CleansingDecision.objects.open().filter(state=CleansingDecision.State.KEEP)
    kept_roots = set(kept.exclude(root=None).values_list("root", flat=True))
    kept_sub_cas = set(kept.exclude(sub_ca=None).values_list("sub_ca", flat=True))
    roots = [
        (str(root), lost.roots[root.pk])
        for root in RootCertificate.objects.filter(pk__in=lost.roots.keys() - clear.roots.keys())
        if any(dependants.count(root).values()) and root.pk not in kept_roots
    ]
    sub_cas = [
        (row.subject, lost.sub_cas[row.pk])
        for row in _rows(lost.sub_cas.keys() - clear.sub_cas.keys())
        if row.pk not in kept_sub_cas
    ]
    return roots + sub_cas
