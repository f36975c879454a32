"""The outbox in the portal."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.exporting import columns
from apps.core.web.navigation import Group
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard
from apps.events import selectors
from apps.events.models import OutboxEvent, WebhookDelivery

SHOWN_DELIVERIES = 50


@admin.register(OutboxEvent)
class OutboxEventAdmin(ScopedAdmin):
    """What a party is told; everything for the operator."""

    slug = "events"
    roles = EVERYBODY
    menu_title = _("Events")
    menu_icon = "outbox"
    menu_group = Group.RECORDS
    menu_order = 30
    empty_text = _(
        "What your organisation is told about roots, vehicles and contracts appears here."
    )
    url_field = "uuid"
    list_display = ("kind_column", "lane_column", "when")
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    search_fields = ("kind__startswith", "lane__startswith")
    search_help_text = _("Event or PCID, from its beginning")
    export_columns = columns(event="kind", pcid="lane", at="created_at", id="uuid")

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer=viewer)

    @admin.display(description=_("Event"))
    def kind_column(self, event: OutboxEvent) -> SafeString | str:
        return display.code(event.kind)

    @admin.display(description=_("For"))
    def organization_column(self, event: OutboxEvent) -> str:
        return str(event.organization or _("All parties"))

    @admin.display(description=_("Vehicle"))
    def lane_column(self, event: OutboxEvent) -> SafeString | str:
        return display.code(event.lane)

    @admin.display(description=_("Time"))
    def when(self, event: OutboxEvent) -> SafeString | str:
        return display.moment_cell(event.created_at)

    def page(self, event: OutboxEvent, viewer: Actor) -> Page:
        receiver = event.organization.name if event.organization else _("All parties")
        payload = json.dumps(event.payload, ensure_ascii=False, sort_keys=True)
        facts = (
            Fact(label=_("Event"), value=event.kind, code=True),
            Fact(label=_("For"), value=receiver),
            Fact(label=_("Vehicle"), value=event.lane, code=True),
            Fact(label=_("Time"), value=display.moment_cell(event.created_at)),
            Fact(label=_("Id"), value=str(event.uuid), code=True, copy=True),
            Fact(label=_("Content"), value=payload, code=True),
        )
        cards = (FactsCard(title=_("Event"), facts=facts), _deliveries(event, viewer))
        return Page(
            heading=event.kind,
            code=True,
            line=_("Event · %(time)s") % {"time": display.distance(event.created_at)},
            tabs=(Tab(key="event", title=_("Event"), cards=cards),),
        )


def _deliveries(event: OutboxEvent, viewer: Actor) -> Card:
    found = selectors.deliveries_of_event(viewer=viewer, event=event)
    rows = found.prefetch_related("attempts")[:SHOWN_DELIVERIES]
    return TableCard(
        title=_("Webhooks"),
        columns=(_("Receiver"), _("Status"), _("Attempts"), _("Last attempt")),
        rows=tuple(_delivery(row) for row in rows),
        empty=_("This event was sent to no webhook of yours."),
    )


def _delivery(row: WebhookDelivery) -> Row:
    """The receiver by its host alone: the rest of its URL may be a secret."""
    attempts = list(row.attempts.all())
    answer = (attempts[-1].status_code or attempts[-1].note) if attempts else display.EMPTY
    host = display.code(urlsplit(row.endpoint.url).hostname or "")
    return Row(cells=(host, row.get_state_display(), row.attempt_count, answer))
