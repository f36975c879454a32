"""What happened over time: weeks and days behind us, from the numbers noted each day."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.actor import Actor, Role
from apps.core.web.display import distance, number
from apps.core.web.paging import card_count, card_text
from apps.core.web.pictures import Picture, Series, Slot
from apps.events import selectors as events
from apps.events.models import WebhookDelivery
from apps.portal.models import DailyFigure

Text = str | Promise
Kind = DailyFigure.Kind
WEEKS: Final = 12
DAYS: Final = 14
_WEBHOOKS: Final = "events_webhookdelivery"


@dataclass(frozen=True, slots=True)
class Figures:
    """The noted numbers of one party, or of all, since the first week that is shown."""

    today: date
    counts: Counter[tuple[str, date]]

    def weeks(self, *kinds: Kind) -> tuple[Slot, ...]:
        """Sum the numbers by weeks that end today."""
        return self._slots(kinds, places=WEEKS, length=7, look="MONTH_DAY_FORMAT")

    def days(self, *kinds: Kind) -> tuple[Slot, ...]:
        return self._slots(kinds, places=DAYS, length=1, look="MONTH_DAY_FORMAT")

    def _slots(
        self, kinds: Sequence[Kind], *, places: int, length: int, look: str
    ) -> tuple[Slot, ...]:
        first = self.today - timedelta(days=places * length - 1)
        begins = [first + timedelta(days=length * place) for place in range(places)]
        return tuple(
            Slot(
                label=date_format(begin, look),
                counts=tuple(self._sum(kind, begin, length) for kind in kinds),
            )
            for begin in begins
        )

    def _sum(self, kind: Kind, begin: date, length: int) -> int:
        days = (begin + timedelta(days=after) for after in range(length))
        return sum(self.counts[kind.value, day] for day in days)


def charts_for(viewer: Actor) -> list[Picture]:
    """Return what each role of the viewer looks back at; the operator sees the sums of all."""
    if viewer.has(Role.OPERATOR):
        figures = _read(None)
        drawn = (_published, _concluded, _installed_of_all, _told)
        return [draw(figures, viewer) for draw in drawn]
    if viewer.organization_id is None:
        return []
    figures = _read(viewer.organization_id)
    found = [
        draw(figures, viewer)
        for role, drawn in _OF_ROLES.items()
        if viewer.has(role)
        for draw in drawn
    ]
    if events.visible_endpoints(viewer=viewer).exists():
        found.append(_told(figures, viewer))
    return found


def counted() -> str:
    """Say how old the numbers are: they are noted every two minutes."""
    rows = DailyFigure.objects.filter(organization__isnull=True, kind=Kind.PUBLISHED)
    at = rows.order_by("-day").values_list("counted_at", flat=True).first()
    if at is None:
        return _("What happened is counted every two minutes, for the first time soon.")
    return _("What happened was counted %(when)s, by days of UTC.") % {"when": distance(at)}


def _read(organization_id: int | None) -> Figures:
    """Read the noted numbers: of one party some hundred rows, whatever the pools hold."""
    today = timezone.now().astimezone(UTC).date()
    rows = DailyFigure.objects.filter(day__gt=today - timedelta(weeks=WEEKS))
    own = (
        rows.filter(organization_id=organization_id)
        if organization_id
        else rows.filter(organization__isnull=True)
    )
    counts = Counter(
        {(kind, day): count for kind, day, count in own.values_list("kind", "day", "count")}
    )
    return Figures(today, counts)


def _weekly(
    figures: Figures, kinds: dict[Kind, Series], title: Text, empty: Text, address: str
) -> Picture:
    slots = figures.weeks(*kinds)
    note = _("%(count)s in the last 12 weeks") % {"count": number(sum(one.total for one in slots))}
    return Picture(
        title=title,
        note=note,
        sentence=f"{title}: {note}",
        first=_("Week from"),
        series=tuple(kinds.values()),
        slots=slots,
        empty=empty,
        href=reverse(f"admin:{address}_changelist"),
    )


def _published(figures: Figures, viewer: Actor) -> Picture:
    return _weekly(
        figures,
        {Kind.PUBLISHED: Series(_("Published"))},
        _("Vehicles published per week"),
        _("No certificate of a vehicle was published in the last 12 weeks."),
        "provisioning_pool_provisioningcertificate",
    )


def _concluded(figures: Figures, viewer: Actor) -> Picture:
    return _weekly(
        figures,
        {Kind.CONCLUDED: Series(_("Concluded"))},
        _("Contracts concluded per week"),
        _("No contract was concluded in the last 12 weeks."),
        "contract_pool_contract",
    )


def _installed(figures: Figures, viewer: Actor) -> Picture:
    """Where vehicles got the contracts of an MO; its list is that of the contracts."""
    return _weekly(
        figures,
        {
            Kind.INSTALLED: Series(_("At charge points")),
            Kind.FETCHED: Series(_("By car makers"), "pale"),
        },
        _("Contracts installed per week"),
        _("No vehicle has fetched one of your contracts in the last 12 weeks."),
        "contract_pool_contract",
    )


def _installed_of_all(figures: Figures, viewer: Actor) -> Picture:
    return _weekly(
        figures,
        {
            Kind.INSTALLED: Series(_("At charge points")),
            Kind.FETCHED: Series(_("By car makers"), "pale"),
            Kind.REFUSED: Series(_("Refused at charge points"), "bad"),
        },
        _("Installations per week"),
        _("No vehicle has asked for contract data in the last 12 weeks."),
        "contract_pool_delivery",
    )


def _answered(figures: Figures, viewer: Actor) -> Picture:
    return _weekly(
        figures,
        {
            Kind.ANSWERED: Series(_("Delivered")),
            Kind.UNANSWERED: Series(_("Refused"), "bad"),
        },
        _("Contract data fetched per week"),
        _("Your backend has not asked for contract data in the last 12 weeks."),
        "contract_pool_delivery",
    )


def _told(figures: Figures, viewer: Actor) -> Picture:
    """How webhooks do: by the day on which a delivery was settled, and what waits now."""
    slots = figures.days(Kind.TOLD, Kind.NOT_TOLD)
    lost = sum(one.counts[1] for one in slots)
    title = _("Webhook deliveries per day")
    note = _("%(count)s in 14 days, %(lost)s not taken") % {
        "count": number(sum(one.total for one in slots)),
        "lost": number(lost),
    }
    return Picture(
        title=title,
        note=note,
        sentence=f"{title}: {note}",
        first=_("Day"),
        series=(Series(_("Delivered")), Series(_("Refused or given up"), "bad")),
        slots=slots,
        empty=_("No webhook delivery was settled in the last 14 days."),
        href=reverse(f"admin:{_WEBHOOKS}_changelist"),
        under=_waiting(viewer),
    )


def _waiting(viewer: Actor) -> str:
    rows = events.visible_deliveries(viewer=viewer).filter(state=WebhookDelivery.State.WAITING)
    count = card_count(rows)
    if not count:
        return ""
    return ngettext(
        "%(count)s delivery waits to be sent.", "%(count)s deliveries wait to be sent.", count
    ) % {"count": card_text(count)}


Draw = Callable[[Figures, Actor], Picture]
_OF_ROLES: Final[dict[Role, tuple[Draw, ...]]] = {
    Role.OEM: (_published, _answered),
    Role.MO: (_concluded, _installed),
}
