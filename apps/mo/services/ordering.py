"""A complete draft is ordered, once; one that failed is ordered again or opened again."""

from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.core.queue import enqueue, name
from apps.mo.models import ConclusionDraft
from apps.mo.steps import Step, first_missing
from apps.participants import rights
from apps.participants.rights import Operation

State, Stage = ConclusionDraft.State, ConclusionDraft.Stage

TASK = name("mo.conclude_draft")


def order(*, actor: Actor, draft: ConclusionDraft) -> bool:
    """Order what the draft describes; a second press changes nothing (False).

    Raises Forbidden, Invalid (`incomplete`).
    """
    _require(actor, draft)
    if draft.state == State.OPEN and first_missing(draft) is not Step.CONFIRM:
        raise Invalid("incomplete", "A step before this one is not complete.")
    return _send(draft, State.OPEN)


def order_again(*, actor: Actor, draft: ConclusionDraft) -> bool:
    """Order once more what failed; a second press changes nothing (False). Raises Forbidden."""
    _require(actor, draft)
    return _send(draft, State.FAILED)


def reopen(*, actor: Actor, draft: ConclusionDraft) -> None:
    """Let a draft that failed be changed. Raises Forbidden, Conflict (`not_failed`)."""
    _require(actor, draft)
    changed = ConclusionDraft.objects.filter(pk=draft.pk, state=State.FAILED).update(
        state=State.OPEN, stage="", code="", message="", updated_at=timezone.now()
    )
    if not changed:
        raise Conflict("not_failed", "There is nothing to change any more.")
    draft.refresh_from_db()


def _require(actor: Actor, draft: ConclusionDraft) -> None:
    operation = Operation.CPS_SIGN if draft.own_data else Operation.CPS_GENERATE
    rights.require_role(actor, operation)
    own = (draft.organization_id, str(draft.person_id))
    if own != (actor.organization_id, actor.identifier):
        raise Forbidden("foreign_draft", "This was begun by somebody else.")


def _send(draft: ConclusionDraft, before: ConclusionDraft.State) -> bool:
    now = timezone.now()
    with transaction.atomic():
        changed = ConclusionDraft.objects.filter(pk=draft.pk, state=before).update(
            state=State.ORDERED,
            stage=Stage.ORDERED,
            code="",
            message="",
            attempts=0,
            lease=None,
            leased_until=None,
            ordered_at=now,
            nudged_at=now,
            settled_at=None,
            updated_at=now,
        )
        if changed:
            enqueue(TASK, draft.pk)
    draft.refresh_from_db()
    return bool(changed)
