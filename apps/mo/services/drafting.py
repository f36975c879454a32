"""Filling a draft, step by step: what is wrong stays as typed, what is right gets its column."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden
from apps.mo.models import ConclusionDraft
from apps.participants import rights
from apps.participants.rights import Operation
from v2g.ids import Emaid, Pcid

State = ConclusionDraft.State

KEPT_NAMES: Final = frozenset({"pcid", "emaid", "provider_id", "begins", "ends", "root", "source"})
MAX_TYPED: Final = 200
MAX_OPEN: Final = 50
"""Drafts that a person may have begun at once."""


def begin(*, actor: Actor) -> ConclusionDraft:
    """Return the person's empty draft, made where there is none.

    Raises Forbidden, Conflict for somebody with MAX_OPEN drafts.
    """
    rights.require_role(actor, Operation.CPS_GENERATE)
    if actor.kind is not ActorKind.PERSON or actor.organization_id is None:
        raise Forbidden("people_only", "Only a person may do this.")
    open_drafts = ConclusionDraft.objects.of(actor).filter(state=State.OPEN)
    blank: ConclusionDraft | None = open_drafts.filter(typed={}, pcid="").order_by("-pk").first()
    if blank is not None:
        return blank
    if open_drafts.count() >= MAX_OPEN:
        raise Conflict("too_many_drafts", "Finish or discard one of your unfinished contracts.")
    return ConclusionDraft.objects.create(
        organization_id=actor.organization_id, person_id=int(actor.identifier)
    )


def keep(*, actor: Actor, draft: ConclusionDraft, typed: Mapping[str, str]) -> None:
    """Keep texts as they were typed, so that nothing is lost with a session.

    Names that no step has are left out, texts are cut. Raises Conflict (`not_open`).
    """
    known = {name: str(text)[:MAX_TYPED] for name, text in typed.items() if name in KEPT_NAMES}
    draft.typed = {**draft.typed, **known}
    _save(actor, draft, typed=draft.typed)


def set_vehicle(*, actor: Actor, draft: ConclusionDraft, pcid: Pcid) -> None:
    """Set the vehicle; another one than before has V2G roots of its own.

    Contract data that was handed in is encrypted for one vehicle and goes with it.
    """
    if str(pcid) == draft.pcid:
        _save(actor, draft, pcid=draft.pcid)
        return
    typed = {name: text for name, text in draft.typed.items() if name != "root"}
    _save(actor, draft, pcid=str(pcid), root=None, typed=typed, **_without_data(draft))


def set_customer(*, actor: Actor, draft: ConclusionDraft, emaid: Emaid) -> None:
    """Set the EMAID; contract data that was handed in for another one goes."""
    same = bool(draft.emaid) and Emaid.parse(draft.emaid) == emaid
    _save(actor, draft, emaid=str(emaid), **({} if same else _without_data(draft)))


def set_term(
    *,
    actor: Actor,
    draft: ConclusionDraft,
    begins: datetime,
    ends: datetime,
    root: UUID | None = None,
) -> None:
    """Set from when to when, and the one V2G root (None for every root of the vehicle)."""
    _save(actor, draft, begins=begins, ends=ends, root=root, own_data={})


def set_own_data(
    *,
    actor: Actor,
    draft: ConclusionDraft,
    body: Mapping[str, Any],
    begins: datetime,
    ends: datetime,
    root: UUID | None = None,
) -> None:
    """Take contract data of the MO's own CA (the checked body of OPCP's contractData)."""
    rights.require_role(actor, Operation.CPS_SIGN)
    _save(actor, draft, begins=begins, ends=ends, root=root, own_data=dict(body))


def discard(*, actor: Actor, draft: ConclusionDraft) -> None:
    """Throw a draft away, unless a worker has it. Raises Conflict (`on_its_way`)."""
    _require_own(actor, draft)
    gone, _ = ConclusionDraft.objects.filter(
        pk=draft.pk, state__in=(State.OPEN, State.FAILED)
    ).delete()
    if not gone:
        raise Conflict("on_its_way", "This contract is ordered already.")


def _without_data(draft: ConclusionDraft) -> dict[str, Any]:
    """A term that came out of contract data goes with it."""
    return {"own_data": {}, "begins": None, "ends": None} if draft.own_data else {}


def _require_own(actor: Actor, draft: ConclusionDraft) -> None:
    rights.require_role(actor, Operation.CPS_GENERATE)
    own = (draft.organization_id, str(draft.person_id))
    if own != (actor.organization_id, actor.identifier):
        raise Forbidden("foreign_draft", "This was begun by somebody else.")


def _save(actor: Actor, draft: ConclusionDraft, **changes: Any) -> None:
    _require_own(actor, draft)
    changed = ConclusionDraft.objects.filter(pk=draft.pk, state=State.OPEN).update(
        updated_at=timezone.now(), **changes
    )
    if not changed:
        raise Conflict("not_open", "This contract is ordered already.")
    for name, value in changes.items():
        setattr(draft, name, value)
