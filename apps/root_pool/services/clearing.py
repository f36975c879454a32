"""Questions about CAs that count no more: opened by the system, answered by a person.

What hangs on such a CA is blocked at once by the checks of every read and write; whether it leaves
the pools is what is asked here.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.participants.rights import Operation, require
from apps.pki.models import SubCa
from apps.root_pool import dependants, lost
from apps.root_pool.models import CleansingDecision, RootCertificate
from apps.root_pool.services.log import identity

State = CleansingDecision.State


def ask_about_lost(*, actor: Actor, at: datetime) -> int:
    """Ask about each CA that counts no more and may not be cleared unasked.

    Return how many questions are new. A root on which anything hangs, a sub-CA on which more than
    `lost.LIMIT` rows do. Questions about a CA that counts again, or on which nothing hangs any
    more, are closed. Raises Forbidden.
    """
    require(actor, Operation.POOLS_CLEANSE)
    found = lost.found(at)
    _close(actor, found)
    open_questions = CleansingDecision.objects.open()
    roots = set(open_questions.exclude(root=None).values_list("root", flat=True))
    sub_cas = set(open_questions.exclude(sub_ca=None).values_list("sub_ca", flat=True))
    new = 0
    for root in RootCertificate.objects.filter(pk__in=found.roots.keys() - roots).order_by("pk"):
        new += ask_about_root(actor=actor, root=root)
    for sub_ca in SubCa.objects.filter(pk__in=found.sub_cas.keys() - sub_cas).order_by("pk"):
        new += ask_about_sub_ca(actor=actor, sub_ca=sub_ca, why=found.sub_cas[sub_ca.pk])
    return new


def ask_about_root(
    *, actor: Actor, root: RootCertificate, counts: Mapping[str, int] | None = None
) -> bool:
    """Ask about a root that is no anchor any more, where anything hangs on it.

    `counts` are its dependants where the caller has them.
    """
    require(actor, Operation.POOLS_CLEANSE)
    hanging = dependants.count(root) if counts is None else counts
    if not any(hanging.values()):
        return False
    why = CleansingDecision.Why(root.state)
    return _ask(actor, CleansingDecision(root=root, name=str(root), why=why), hanging)


def ask_about_sub_ca(*, actor: Actor, sub_ca: SubCa, why: CleansingDecision.Why) -> bool:
    """Ask about a sub-CA, where more hangs on it than leaves unasked."""
    require(actor, Operation.POOLS_CLEANSE)
    counts = dependants.count_of_sub_ca(sub_ca)
    if sum(counts.values()) <= lost.LIMIT:
        return False
    return _ask(actor, CleansingDecision(sub_ca=sub_ca, name=sub_ca.subject, why=why), counts)


def clear_or_ask(*, actor: Actor, sub_ca_id: int) -> bool:
    """Tell whether what hangs on a revoked sub-CA may leave now; ask a person where it may not."""
    require(actor, Operation.POOLS_CLEANSE)
    sub_ca = SubCa.objects.get(pk=sub_ca_id)
    if lost.is_clear(sub_ca):
        return True
    ask_about_sub_ca(actor=actor, sub_ca=sub_ca, why=CleansingDecision.Why.REVOKED)
    return False


def decide(
    *, actor: Actor, decision: CleansingDecision, proceed: bool, note: str
) -> CleansingDecision:
    """Say whether what hangs on the CA leaves the pools (`proceed`) or stays, unserved.

    Who keeps it may think again; what was told to leave cannot be called back, as it is on its way.
    Raises Forbidden unless a person of the operator asks, Conflict where it is decided or closed.
    """
    require(actor, Operation.POOLS_DECIDE)
    state = State.PROCEED if proceed else State.KEEP
    old = [State.WAITING, State.KEEP] if proceed else [State.WAITING]
    now = timezone.now()
    with transaction.atomic():
        rows = CleansingDecision.objects.open().filter(pk=decision.pk, state__in=old)
        if not rows.update(
            state=state,
            decided_by=identity(actor),
            decided_by_label=actor.label[:150],
            decided_at=now,
        ):
            raise Conflict("decision_made", "This was decided already.")
        decision.refresh_from_db()
        _record(actor, "decide", decision, reason=note)
    return decision


def _ask(actor: Actor, question: CleansingDecision, counts: Mapping[str, int]) -> bool:
    question.dependants, question.asked_at = dict(counts), timezone.now()
    with transaction.atomic():
        # Of two who ask at once one writes the row: it is unique while it is open.
        CleansingDecision.objects.bulk_create([question], ignore_conflicts=True)
        written = CleansingDecision.objects.filter(uuid=question.uuid).first()
        if written:
            _record(actor, "ask_decision", written)
    return written is not None


def _close(actor: Actor, found: lost.Lost) -> None:
    for question in CleansingDecision.objects.open().select_related("root", "sub_ca"):
        if _is_over(question, found):
            with transaction.atomic():
                rows = CleansingDecision.objects.open().filter(pk=question.pk)
                if rows.update(closed_at=timezone.now()):
                    _record(actor, "close_decision", question)


def _is_over(question: CleansingDecision, found: lost.Lost) -> bool:
    if question.root is not None:
        still, counts = question.root_id in found.roots, dependants.count(question.root)
    elif question.sub_ca is not None:
        still, counts = (
            question.sub_ca_id in found.sub_cas,
            dependants.count_of_sub_ca(question.sub_ca),
        )
    return not still or not any(counts.values())


def _record(actor: Actor, action: str, question: CleansingDecision, reason: str = "") -> None:
    audit.record(
        actor=actor,
        action=f"root_pool.{action}",
        target_type="cleansing_decision",
        target_id=str(question.uuid),
        reason=reason or question.why,
        detail={
            "name": question.name,
            "why": question.why,
            "state": question.state,
            "dependants": question.dependants,
        },
    )
