"""Vehicles leave the pool because their certificates ended or count no more.

Each function looks at its rows again under the locks of their PCIDs: a vehicle that was published
anew meanwhile stays.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.core import locks
from apps.core.actor import Actor
from apps.participants.rights import Operation, require
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.selectors import revoked_among
from apps.provisioning_pool.services.withdrawal import Withdrawn, remove
from apps.root_pool import lost
from v2g.pki.certificate import Certificate

LEARNT_AT_ONCE: Final = 1000
LEARNT_IN_A_RUN: Final = 100_000

Reason = Callable[[Sequence[ProvisioningCertificate]], dict[int, str]]
"""Names why rows leave, by their keys; one that may stay is left out."""


def withdraw_expired(*, actor: Actor, pks: Sequence[int], at: datetime) -> Withdrawn:
    """Withdraw those of the vehicles whose certificate ended before the instant (Forbidden)."""
    return _withdraw(
        actor, pks, lambda rows: {row.pk: "expired" for row in rows if row.not_after < at}
    )


def withdraw_revoked(*, actor: Actor, pks: Sequence[int]) -> Withdrawn:
    """Withdraw those whose foreign certificate stored answers call revoked (Forbidden)."""
    return _withdraw(actor, pks, lambda rows: dict.fromkeys(revoked_among(rows), "revoked"))


def withdraw_cleared(*, actor: Actor, pks: Sequence[int], at: datetime) -> Withdrawn:
    """Withdraw those below a CA that counts no more and may be cleared (Forbidden)."""

    def reason(rows: Sequence[ProvisioningCertificate]) -> dict[int, str]:
        above = {key for row in rows for key in (row.sub_ca1_id, row.sub_ca2_id) if key}
        found = lost.cleared(at, sub_cas=above)
        return {row.pk: why for row in rows if (why := _why(row, found))}

    return _withdraw(actor, pks, reason)


def learn_serials(*, most: int = LEARNT_IN_A_RUN) -> int:
    """Read the serial numbers of rows that an earlier release wrote; return of how many."""
    learnt = 0
    while learnt < most:
        nameless = ProvisioningCertificate.objects.filter(serial=None).order_by("pk")
        rows = list(nameless.only("pk", "der")[:LEARNT_AT_ONCE])
        for row in rows:
            row.serial = Certificate.from_der(bytes(row.der)).serial_octets
        ProvisioningCertificate.objects.bulk_update(rows, ["serial"])
        learnt += len(rows)
        if len(rows) < LEARNT_AT_ONCE:
            break
    return learnt


def _withdraw(actor: Actor, pks: Sequence[int], reason: Reason) -> Withdrawn:
    require(actor, Operation.POOLS_CLEANSE)
    vehicles = ProvisioningCertificate.objects.filter(pk__in=pks)
    pcids = list(vehicles.values_list("pcid", flat=True))
    done = Withdrawn()
    with transaction.atomic():
        locks.hold_all(f"pcid:{pcid}" for pcid in pcids)
        rows = list(vehicles.select_related("sub_ca2", "sub_ca1").order_by("pcid"))
        why = reason(rows)
        alike: dict[str, list[ProvisioningCertificate]] = defaultdict(list)
        for row in rows:
            if row.pk in why:
                alike[why[row.pk]].append(row)
        for text, group in sorted(alike.items()):
            left = remove(actor=actor, rows=group, reason=text)
            done = Withdrawn(done.vehicles + left.vehicles, done.contracts + left.contracts)
    return done


def _why(row: ProvisioningCertificate, found: lost.Lost) -> str:
    if row.root_id in found.roots:
        return f"root_{found.roots[row.root_id]}"
    above = (key for key in (row.sub_ca2_id, row.sub_ca1_id) if key in found.sub_cas)
    return next((f"sub_ca_{found.sub_cas[key]}" for key in above if key), "")
