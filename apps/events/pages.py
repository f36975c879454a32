"""The pages of events, webhooks and their deliveries."""

import json

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.audit.pages import history_tab
from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.display import Badge
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard, Value
from apps.core.web.refusals import told
from apps.events import selectors
from apps.events.models import OutboxEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from apps.events.wording import KINDS

SHOWN_DELIVERIES = 50
Delivery = WebhookDelivery.State


def endpoint_badge(endpoint: WebhookEndpoint) -> Badge:
    """Say whether a webhook is told of new events."""
    enabled = endpoint.state == WebhookEndpoint.State.ENABLED
    return Badge(_("Enabled"), "success") if enabled else Badge(_("Disabled"))


def delivery_badge(delivery: WebhookDelivery) -> Badge:
    """Say how a delivery stands."""
    if delivery.state == Delivery.WAITING:
        tried = delivery.attempt_count
        return Badge(_("Waiting for another attempt"), "warning") if tried else Badge(_("Waiting"))
    return {
        Delivery.DELIVERED: Badge(_("Delivered"), "success"),
        Delivery.REJECTED: Badge(_("Refused by the receiver"), "danger"),
        Delivery.FAILED: Badge(_("Given up"), "danger"),
        Delivery.CANCELLED: Badge(_("Cancelled")),
    }[Delivery(delivery.state)]


def address_of(endpoint: WebhookEndpoint, viewer: Actor) -> str:
    """The URL for its own organisation; for others the host alone: the rest may be a secret."""
    own = endpoint.organization_id == viewer.organization_id
    return endpoint.url if own else endpoint.host


def event_page(event: OutboxEvent, viewer: Actor) -> Page:
    """An event: what it says, and to which webhooks it went."""
    receiver = event.organization.name if event.organization else _("All parties")
    payload = json.dumps(event.payload, ensure_ascii=False, sort_keys=True)
    facts = (
        Fact(label=_("Event"), value=event.kind, note=KINDS.get(event.kind, ""), code=True),
        Fact(label=_("For"), value=receiver),
        Fact(label=_("Vehicle"), value=event.lane, code=True),
        Fact(label=_("Time"), value=display.moment_cell(event.created_at)),
        Fact(label=_("Id"), value=str(event.uuid), code=True, copy=True),
        Fact(label=_("Content"), value=payload, code=True),
    )
    cards = (FactsCard(title=_("Event"), facts=facts), _webhooks_of(event, viewer))
    return Page(
        heading=event.kind,
        code=True,
        line=_("Event · %(time)s") % {"time": display.distance(event.created_at)},
        tabs=(Tab(key="event", title=_("Event"), cards=cards),),
    )


def endpoint_page(endpoint: WebhookEndpoint, viewer: Actor) -> Page:
    """A webhook: where it leads, what it is told, and what came of it."""
    tabs = [
        Tab(key="webhook", title=_("Webhook"), cards=(_endpoint_facts(endpoint, viewer),)),
        Tab(key="deliveries", title=_("Deliveries"), cards=(_deliveries_of(endpoint, viewer),)),
        *_secret_tab(endpoint, viewer),
        history_tab(viewer, "webhook_endpoint", str(endpoint.uuid)),
    ]
    enabled = endpoint.state == WebhookEndpoint.State.ENABLED
    return Page(
        heading=endpoint.host,
        badges=(endpoint_badge(endpoint),),
        line=_("Webhook of %(organization)s") % {"organization": endpoint.organization.name},
        alert=_resting(endpoint) if enabled else _("Nothing new is sent while it is disabled."),
        tabs=tuple(tabs),
    )


def delivery_page(delivery: WebhookDelivery, viewer: Actor) -> Page:
    """One event on its way to one webhook, attempt by attempt."""
    return Page(
        heading=delivery.event.kind,
        code=True,
        badges=(delivery_badge(delivery),),
        line=_("To %(host)s · %(time)s")
        % {"host": delivery.endpoint.host, "time": display.distance(delivery.created_at)},
        tabs=(
            Tab(
                key="delivery",
                title=_("Delivery"),
                cards=(_attempts(delivery, viewer), _delivery_facts(delivery, viewer)),
            ),
        ),
    )


def stands(delivery: WebhookDelivery) -> str:
    """Say in a sentence how a delivery stands, and what comes next."""
    if delivery.state != Delivery.WAITING:
        return _settled(delivery)
    if delivery.endpoint.state == WebhookEndpoint.State.DISABLED:
        return _("It waits until the webhook is enabled.")
    due = selectors.due_at(delivery=delivery)
    if due is None:
        return _("It waits behind an earlier event about the same vehicle.")
    if due <= timezone.now():
        return _("It is sent within a minute.")
    return _("The next attempt is due %(time)s.") % {"time": display.distance(due)}


def _settled(delivery: WebhookDelivery) -> str:
    count = delivery.attempt_count
    return {
        Delivery.DELIVERED: _("The receiver took it."),
        Delivery.REJECTED: _("The receiver said that it will never take this event."),
        Delivery.FAILED: ngettext(
            "It was given up after %(count)s attempt.",
            "It was given up after %(count)s attempts.",
            count,
        )
        % {"count": count},
        Delivery.CANCELLED: _("It was cancelled: the webhook was deleted."),
    }[Delivery(delivery.state)]


def _webhooks_of(event: OutboxEvent, viewer: Actor) -> Card:
    found = selectors.deliveries_of_event(viewer=viewer, event=event)
    rows = found.prefetch_related("attempts")[:SHOWN_DELIVERIES]
    return TableCard(
        title=_("Webhooks"),
        columns=(_("Receiver"), _("Attempts"), _("Last answer"), _("Status")),
        rows=tuple(
            Row(
                href=_link(row),
                cells=(row.endpoint.host, row.attempt_count, _last(row), delivery_badge(row)),
            )
            for row in rows
        ),
        empty=_("This event was sent to no webhook of yours."),
    )


def _deliveries_of(endpoint: WebhookEndpoint, viewer: Actor) -> Card:
    found = selectors.visible_deliveries(viewer=viewer).filter(endpoint=endpoint)
    rows = found.order_by("-id").prefetch_related("attempts")[:SHOWN_DELIVERIES]
    return TableCard(
        title=_("Deliveries"),
        note=_("the last %(count)s") % {"count": SHOWN_DELIVERIES},
        columns=(_("Event"), _("Time"), _("Attempts"), _("Last answer"), _("Status")),
        rows=tuple(
            Row(
                href=_link(row),
                cells=(
                    row.event.kind,
                    display.moment(row.created_at),
                    row.attempt_count,
                    _last(row),
                    delivery_badge(row),
                ),
            )
            for row in rows
        ),
        empty=_("Nothing was sent yet. Send a test event to see whether it arrives."),
    )


def _last(delivery: WebhookDelivery) -> str:
    attempts = list(delivery.attempts.all())
    return _answer(attempts[-1]) if attempts else display.EMPTY


def _answer(attempt: WebhookAttempt) -> str:
    return str(attempt.status_code) if attempt.status_code else _("No answer")


def _attempts(delivery: WebhookDelivery, viewer: Actor) -> Card:
    """What receivers said is text of strangers, which the template escapes.

    It may name the rest of the URL, so only the webhook's own organisation reads it.
    """
    own = delivery.endpoint.organization_id == viewer.organization_id
    rows = tuple(
        Row(
            cells=(
                attempt.number,
                display.moment(attempt.at),
                _("%(count)s ms") % {"count": display.number(attempt.milliseconds)},
                _answer(attempt),
                (told(attempt.note) if own else "") or display.EMPTY,
            )
        )
        for attempt in delivery.attempts.order_by("id")[: len(settings.WEBHOOK_RETRY_DELAYS_S) + 20]
    )
    return TableCard(
        title=_("Attempts"),
        note=stands(delivery),
        columns=(_("Attempt"), _("Time"), _("Took"), _("Answer"), _("What it said")),
        rows=rows,
        empty=_("No attempt was made yet."),
    )


def _delivery_facts(delivery: WebhookDelivery, viewer: Actor) -> Card:
    event, endpoint = delivery.event, delivery.endpoint
    gone = endpoint.state == WebhookEndpoint.State.DELETED
    return FactsCard(
        title=_("Delivery"),
        facts=(
            Fact(
                label=_("Event"),
                value=event.kind,
                note=KINDS.get(event.kind, ""),
                code=True,
                href=reverse("admin:events_outboxevent_change", args=[event.uuid]),
            ),
            Fact(
                label=_("Webhook"),
                value=address_of(endpoint, viewer),
                href="" if gone else endpoint_link(endpoint),
                note=_("deleted") if gone else "",
            ),
            Fact(label=_("Vehicle"), value=event.lane, code=True),
            Fact(label=_("Begun"), value=display.moment_cell(delivery.created_at)),
            Fact(label=_("Ended"), value=display.moment_cell(delivery.settled_at)),
            Fact(label=_("Sent again by hand"), value=_("Yes") if delivery.again else _("No")),
            Fact(label=_("Id"), value=str(delivery.uuid), code=True, copy=True),
        ),
    )


def _endpoint_facts(endpoint: WebhookEndpoint, viewer: Actor) -> Card:
    told = ", ".join(sorted(endpoint.events))
    own = endpoint.organization_id == viewer.organization_id
    note = "" if own else _("The rest of the URL is its organisation's own.")
    url = Fact(label=_("URL"), value=address_of(endpoint, viewer), note=note, code=True)
    facts: list[Fact] = [
        url,
        Fact(label=_("Events"), value=told, code=True),
        Fact(label=_("Description"), value=endpoint.description),
        Fact(label=_("Registered by"), value=endpoint.created_by),
        Fact(label=_("Registered"), value=display.moment_cell(endpoint.created_at)),
        Fact(label=_("Changed"), value=display.moment_cell(endpoint.updated_at)),
        Fact(label=_("Id"), value=str(endpoint.uuid), code=True, copy=True),
    ]
    return FactsCard(title=_("Webhook"), facts=tuple(facts))


def _secret_tab(endpoint: WebhookEndpoint, viewer: Actor) -> tuple[Tab, ...]:
    secret: Value | None = selectors.secret(viewer=viewer, endpoint=endpoint)
    if secret is None:
        return ()
    note = _("Every event carries an HMAC-SHA256 made with it; check it before you believe one.")
    fact = Fact(label=_("Secret"), value=secret, note=note, code=True, copy=True)
    card = FactsCard(title=_("Secret of the signature"), facts=(fact,))
    return (Tab(key="secret", title=_("Secret"), cards=(card,)),)


def _resting(endpoint: WebhookEndpoint) -> str:
    if endpoint.resting_until is None or endpoint.resting_until <= timezone.now():
        return ""
    return _("The receiver was not reached several times; it is tried again %(time)s.") % {
        "time": display.distance(endpoint.resting_until)
    }


def endpoint_link(endpoint: WebhookEndpoint) -> str:
    return reverse("admin:events_webhookendpoint_change", args=[endpoint.uuid])


def _link(delivery: WebhookDelivery) -> str:
    return reverse("admin:events_webhookdelivery_change", args=[delivery.uuid])
