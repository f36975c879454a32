"""The operator's decision about a request for a certificate, and the end of what nobody decided."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.participants.rights import Operation, require
from apps.pki.models import EnrolmentRequest
from apps.pki.services.request_log import described, record
from apps.pki.services.requests import LIFETIME

State = EnrolmentRequest.State

MAX_REASON: Final = 200
_BATCH: Final = 500


def approve_request(*, actor: Actor, request: EnrolmentRequest) -> EnrolmentRequest:
    """Let the applicant collect the certificate, within 14 days (RFC 7030 4.2.3).

    Raises Forbidden for others than a person of the operator, Conflict where it does not wait.
    """
    require(actor, Operation.EST_DECIDE)
    return _decide(actor, request, State.APPROVED, "approve", "")


def refuse_request(*, actor: Actor, request: EnrolmentRequest, reason: str) -> EnrolmentRequest:
    """Turn the key of the request down for good; the applicant reads the reason (one line).

    Errors as `approve_request`, and Invalid for a reason over 200 characters or several lines.
    """
    require(actor, Operation.EST_DECIDE)
    text = reason.strip()
    if len(text) > MAX_REASON or not text.isprintable():
        raise Invalid("reason", f"A reason is one line of at most {MAX_REASON} characters.")
    return _decide(actor, request, State.REFUSED, "refuse", text)


def lapse_requests(*, actor: Actor, at: datetime) -> int:
    """End what nobody decided about or collected within 14 days; return how many, at most 500."""
    with transaction.atomic():
        overdue = list(
            EnrolmentRequest.objects.overdue(at)
            .select_for_update(skip_locked=True)
            .order_by("lapses_at")[:_BATCH]
        )
        EnrolmentRequest.objects.overdue(at).filter(pk__in=[row.pk for row in overdue]).update(
            state=State.LAPSED
        )
        audit.record_many(
            actor=actor,
            action="pki.lapse_request",
            entries=[
                audit.Entry(
                    target_type="enrolment_request",
                    target_id=str(row.uuid),
                    detail=described(row, was=row.state),
                )
                for row in overdue
            ],
        )
    return len(overdue)


def _decide(
    actor: Actor, request: EnrolmentRequest, state: State, verb: str, reason: str
) -> EnrolmentRequest:
    """Change the state only if the request still waits: of two persons one wins."""
    now = timezone.now()
    waiting = EnrolmentRequest.objects.open(now).filter(pk=request.pk, state=State.PENDING)
    with transaction.atomic():
        decided = waiting.update(
            state=state,
            reason=reason,
            decided_at=now,
            decided_by_label=actor.label[:150],
            lapses_at=now + LIFETIME,
        )
        if not decided:
            raise Conflict("request_not_waiting", "This request does not wait any more.")
        request.refresh_from_db()
        record(actor, verb, request, reason=reason)
    return request
