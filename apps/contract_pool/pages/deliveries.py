"""The page of a delivery: one request and its outcome."""

from django.utils.translation import gettext as _

from apps.contract_pool import reasons
from apps.contract_pool.models import Delivery
from apps.core.web import display
from apps.core.web.display import Badge
from apps.core.web.pages import Card, Fact, FactsCard, Page, Tab


def outcome_badge(delivery: Delivery) -> Badge:
    """Say how a delivery went."""
    if delivery.outcome == Delivery.Outcome.DELIVERED:
        return Badge(_("Delivered"), "success")
    return Badge(_("Refused"), "danger")


def delivery_page(delivery: Delivery) -> Page:
    """One request and its outcome."""
    facts = (
        Fact(label=_("Time"), value=display.moment_cell(delivery.at)),
        Fact(label=_("Asked by"), value=delivery.organization.name, note=delivery.caller),
        Fact(label=_("Way"), value=delivery.get_way_display()),
        Fact(label=_("PCID"), value=delivery.pcid, code=True),
        Fact(label=_("EMAID"), value=delivery.emaid_key, code=True),
    )
    cards: list[Card] = [FactsCard(title=_("Request"), facts=facts)]
    if delivery.reason:
        cards.insert(0, _refusal(delivery))
    return Page(
        heading=delivery.emaid_key or delivery.pcid or _("Request"),
        code=True,
        badges=(outcome_badge(delivery),),
        line=_("%(way)s · %(time)s")
        % {"way": delivery.get_way_display(), "time": display.distance(delivery.at)},
        tabs=(Tab(key="request", title=_("Request"), cards=tuple(cards)),),
    )


def _refusal(delivery: Delivery) -> Card:
    reason = reasons.reason_of(delivery.reason)
    return FactsCard(
        title=_("Why it was refused"),
        facts=(
            Fact(label=_("Reason"), value=reason.short, note=reason.sentence),
            Fact(label=_("What to do"), value=reason.repair),
            Fact(label=_("Code"), value=delivery.reason, code=True),
        ),
    )
