"""Ordered drafts become contracts: leased by a worker, settled with the contract, or swept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from structlog import get_logger

from apps.contract_pool.services import Outcome
from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Invalid
from apps.core.queue import enqueue
from apps.mo import own_data
from apps.mo.models import KEPT, ConclusionDraft, ConclusionList
from apps.mo.services.ordering import TASK
from apps.participants.selectors import actor_of_member
from apps.provisioning_service import services as cps
from apps.provisioning_service.services.making import Stage as Made
from v2g.ids import Emaid, Pcid
from v2g.protocol import IsoVersion

log = get_logger(__name__)
State, Stage = ConclusionDraft.State, ConclusionDraft.Stage

LEASE: Final = timedelta(seconds=60)
MAX_ATTEMPTS: Final = 5
QUIET: Final = timedelta(seconds=15)
"""So long after a worker was asked for, one that is not held is asked for again."""
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class _Held:
    """A draft in hand, with the grip that changing it needs."""

    draft: ConclusionDraft
    grip: uuid.UUID

    def settle(self, **changes: object) -> None:
        """Change the draft. Raises Conflict (`lease_lost`) where another worker has it."""
        rows = ConclusionDraft.objects.filter(pk=self.draft.pk, lease=self.grip)
        if not rows.filter(state=State.ORDERED).update(updated_at=timezone.now(), **changes):
            raise Conflict("lease_lost", "Another worker took this contract over.")

    def reach(self, stage: Made) -> None:
        """Show how far it came."""
        self.settle(stage=Stage(stage.value))

    def end(self, outcomes: Sequence[Outcome]) -> None:
        """Settle in the transaction that stores the contract."""
        (outcome,) = outcomes
        if isinstance(outcome, DomainError):
            return
        self.settle(state=State.STORED, stage=Stage.STORED, contract=outcome, **_released())


def conclude(*, draft_id: int) -> None:
    """Conclude an ordered draft with the rights that its person has today.

    Does nothing for one that is settled or in another worker's hands.
    """
    held = _lease(draft_id, timezone.now())
    if held is None:
        return
    try:
        _make(held)
    except DomainError as error:
        _fail(held, error)


def sweep(*, now: datetime) -> int:
    """Ask again for ordered drafts that nobody holds, give up those that kill their workers, and
    remove what was last touched KEPT ago. Returns for how many a worker was asked.
    """
    ConclusionDraft.objects.exclude(state=State.ORDERED).filter(updated_at__lt=now - KEPT).delete()
    ConclusionList.objects.filter(updated_at__lt=now - KEPT).delete()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    stranded = ConclusionDraft.objects.filter(free, state=State.ORDERED)
    stranded.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=State.FAILED,
        code="abandoned",
        message=f"The work on this contract was broken off {MAX_ATTEMPTS} times.",
        updated_at=now,
        **_released(),
    )
    waiting = stranded.filter(nudged_at__lt=now - QUIET).order_by("nudged_at")
    return sum(_nudge(one, now) for one in waiting[:AT_ONCE])


def _lease(draft_id: int, now: datetime) -> _Held | None:
    grip = uuid.uuid4()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    taken = ConclusionDraft.objects.filter(
        free, pk=draft_id, state=State.ORDERED, attempts__lt=MAX_ATTEMPTS
    ).update(lease=grip, leased_until=now + LEASE, attempts=F("attempts") + 1, nudged_at=now)
    if not taken:
        return None
    draft = ConclusionDraft.objects.select_related("organization", "person").get(pk=draft_id)
    return _Held(draft, grip)


def _make(held: _Held) -> None:
    draft = held.draft
    actor = actor_of_member(user=draft.person, organization=draft.organization)
    emaid = Emaid.parse(draft.emaid)
    if draft.own_data:
        _sign(held, actor, emaid)
    else:
        _generate(held, actor, emaid)


def _generate(held: _Held, actor: Actor, emaid: Emaid) -> None:
    draft = held.draft
    if draft.begins is None or draft.ends is None:
        raise Invalid("incomplete", "The term is missing.")
    order = cps.Order(
        pcid=Pcid(draft.pcid),
        emaid=emaid,
        begins=draft.begins,
        ends=draft.ends,
        root=draft.root,
        must_be_new=True,
    )
    outcomes = cps.generate_many(actor=actor, orders=[order], then=held.end, told=held.reach)
    if isinstance(outcomes[0], DomainError):
        raise outcomes[0]


def _sign(held: _Held, actor: Actor, emaid: Emaid) -> None:
    draft = held.draft
    cps.sign(
        actor=actor,
        version=IsoVersion.ISO_2,
        contract_data=own_data.read(draft.own_data),
        pcid=Pcid(draft.pcid),
        emaid=emaid,
        root=draft.root,
        must_be_new=True,
        then=held.end,
    )


def _fail(held: _Held, error: DomainError) -> None:
    log.info("conclusion_failed", draft=held.draft.pk, code=error.code)
    # The stage stays: it shows where it stopped.
    rows = ConclusionDraft.objects.filter(pk=held.draft.pk, lease=held.grip, state=State.ORDERED)
    rows.update(
        state=State.FAILED,
        code=error.code[:60],
        message=error.message[:300],
        updated_at=timezone.now(),
        **_released(),
    )


def _released() -> dict[str, object]:
    return {"lease": None, "leased_until": None, "settled_at": timezone.now()}


def _nudge(draft: ConclusionDraft, now: datetime) -> bool:
    with transaction.atomic():
        rows = ConclusionDraft.objects.filter(pk=draft.pk, nudged_at=draft.nudged_at)
        nudged = rows.filter(state=State.ORDERED).update(nudged_at=now)
        if nudged:
            enqueue(TASK, draft.pk)
    return bool(nudged)
