"""What became of a contract, in the order of time: from the pool, the trail and the outbox."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract, Delivery
from apps.contract_pool.renewal import Plan
from apps.core.web.display import Tone
from apps.core.web.pages import Card, Text
from apps.events.models import EventKind, OutboxEvent

SHOWN: Final = 50
"""Events of each source; the newest where there are more."""

TOLD: Final[dict[str, tuple[str | Promise, Tone]]] = {
    EventKind.MO_CONTRACT_CREATED_SENT: (gettext_lazy("Sent to the car maker"), "success"),
    EventKind.MO_CONTRACT_UPDATED_SENT: (gettext_lazy("Renewal sent to the car maker"), "success"),
    EventKind.MO_CONTRACT_DELETED_SENT: (gettext_lazy("End sent to the car maker"), "success"),
    EventKind.MO_CONTRACT_QUEUED: (gettext_lazy("Waiting for the car maker"), "warning"),
    EventKind.MO_CONTRACT_REJECTED: (gettext_lazy("Rejected by the car maker"), "danger"),
}
"""What an MO is told of the fate of its contract at the OEM."""
_STORED: Final = {
    "contract_pool.store": gettext_lazy("Signed and stored in the CCP"),
    "contract_pool.replace": gettext_lazy("Renewed: signed and stored again"),
    "contract_pool.resign": gettext_lazy("Signed again by another CPS certificate"),
}
_ASKED: Final = "contract_pool.ask_renewal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One event. What is still to come has `ahead`."""

    at: datetime
    title: Text
    line: Text = ""
    icon: str = "history"
    tone: Tone = "default"
    ahead: bool = False


@dataclass(frozen=True, kw_only=True)
class TimelineCard(Card):
    template: ClassVar[str] = "contract_pool/timeline.html"
    moments: tuple[Moment, ...]


def card(contract: Contract, plan: Plan, *, why_ended: Text) -> TimelineCard:
    """Draw the life of a contract."""
    past = sorted(_past(contract, why_ended), key=lambda one: one.at)
    ahead = sorted(_ahead(contract, plan), key=lambda one: one.at)
    return TimelineCard(title=_("Timeline"), moments=(*past, *ahead))


def _past(contract: Contract, why_ended: Text) -> Iterator[Moment]:
    yield Moment(at=contract.concluded_at, title=_("Concluded"), icon="receipt_long", tone="info")
    yield from _stored(contract)
    yield from _asked(contract)
    yield from _told(contract)
    yield from _delivered(contract)
    if contract.ended_at:
        yield Moment(
            at=contract.ended_at, title=_("Ended"), line=why_ended, icon="block", tone="warning"
        )


def _ahead(contract: Contract, plan: Plan) -> Iterator[Moment]:
    if contract.state == Contract.State.ENDED:
        return
    now = timezone.now()
    if plan.due is not None and plan.due > now:
        yield Moment(at=plan.due, title=_("Renewal is due"), icon="autorenew", ahead=True)
    if plan.certificate_ends is not None and plan.certificate_ends > now:
        title = _("The contract certificate ends")
        yield Moment(at=plan.certificate_ends, title=title, icon="badge", ahead=True)
    if contract.ends > now:
        yield Moment(at=contract.ends, title=_("The contract ends"), icon="event", ahead=True)


def _audited(contract: Contract, actions: Iterable[str]) -> QuerySet[AuditEvent]:
    """An EMAID may have had a contract before: only what came since this one was concluded."""
    events = AuditEvent.objects.filter(
        target_type="contract",
        target_id=contract.emaid_key,
        action__in=list(actions),
        at__gte=contract.concluded_at,
    )
    if contract.ended_at:
        events = events.filter(at__lte=contract.ended_at)
    return events.order_by("-id")[:SHOWN]


def _asked(contract: Contract) -> Iterator[Moment]:
    for event in _audited(contract, [_ASKED]):
        title = _("New data of your own CA asked for")
        yield Moment(at=event.at, title=title, icon="autorenew", tone="warning")


def _stored(contract: Contract) -> Iterator[Moment]:
    for event in _audited(contract, _STORED):
        count = len(event.detail.get("roots", ()))
        line = ngettext("under %(count)s V2G root", "under %(count)s V2G roots", count)
        title = _STORED[event.action]
        said = line % {"count": count}
        yield Moment(at=event.at, title=title, line=said, icon="inventory_2", tone="success")


def _told(contract: Contract) -> Iterator[Moment]:
    events = OutboxEvent.objects.filter(
        lane=contract.pcid,
        organization_id=contract.mo_id,
        kind__in=TOLD,
        created_at__gte=contract.concluded_at,
    )
    for event in events.order_by("-id")[:SHOWN]:
        if event.payload.get("emaid") == contract.emaid:
            title, tone = TOLD[event.kind]
            yield Moment(at=event.created_at, title=title, icon="send", tone=tone)


def _delivered(contract: Contract) -> Iterator[Moment]:
    """Who fetched it is the business of the charge point's operator; that it was, is the MO's."""
    rows = Delivery.objects.filter(
        pcid=contract.pcid, contract_id=contract.pk, outcome=Delivery.Outcome.DELIVERED
    )
    for row in rows.order_by("-id")[:SHOWN]:
        line = _("over %(way)s") % {"way": row.get_way_display()}
        yield Moment(
            at=row.at, title=_("Delivered"), line=line, icon="local_shipping", tone="success"
        )
