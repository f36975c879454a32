"""The outbox, webhooks and their deliveries in the portal."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display, filters
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.exporting import columns
from apps.core.web.making import Making
from apps.core.web.navigation import Group
from apps.core.web.pages import Page
from apps.events import decisions, pages, selectors
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.events.wording import KINDS

STATES = (
    (WebhookEndpoint.State.ENABLED.value, _("Enabled")),
    (WebhookEndpoint.State.DISABLED.value, _("Disabled")),
)
DELIVERY_STATES = (
    (WebhookDelivery.State.WAITING.value, _("Waiting")),
    (WebhookDelivery.State.DELIVERED.value, _("Delivered")),
    (WebhookDelivery.State.REJECTED.value, _("Refused by the receiver")),
    (WebhookDelivery.State.FAILED.value, _("Given up")),
    (WebhookDelivery.State.CANCELLED.value, _("Cancelled")),
)


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
    sortable_by = ("when",)
    list_filter = (filters.choice("kind", _("Event"), KINDS.items()),)
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

    @admin.display(description=_("Time"), ordering="pk")
    def when(self, event: OutboxEvent) -> SafeString | str:
        return display.moment_cell(event.created_at)

    def page(self, event: OutboxEvent, viewer: Actor) -> Page:
        return pages.event_page(event, viewer)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(Making, ScopedAdmin):
    """Where a party is told; all for the operator, who changes none but its own."""

    slug = "webhooks"
    roles = EVERYBODY
    menu_title = _("Webhooks")
    menu_icon = "webhook"
    menu_group = Group.ACCESS
    menu_order = 30
    empty_text = _("A webhook tells a backend of your organisation what happens, as it happens.")
    url_field = "uuid"
    list_display = (
        "host_column",
        "description_column",
        "events_column",
        "registered",
        "status",
    )
    sortable_by = ("registered",)
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    list_filter = (filters.choice("state", _("Status"), STATES),)
    search_fields = ("description__istartswith",)
    search_help_text = _("Description, from its beginning")
    export_columns = columns(
        host="host", description="description", state="state", registered="created_at", id="uuid"
    )
    making_pages = (decisions.RegisterWebhook(),)
    action_pages = (
        decisions.ChangeWebhook(),
        decisions.SendTest(),
        decisions.RollSecret(),
        decisions.DeleteWebhook(),
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible_endpoints(viewer=viewer)

    @admin.display(description=_("Receiver"))
    def host_column(self, endpoint: WebhookEndpoint) -> SafeString | str:
        return display.code(endpoint.host)

    @admin.display(description=_("Organisation"))
    def organization_column(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint.organization)

    @admin.display(description=_("Description"))
    def description_column(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.description

    @admin.display(description=_("Events"))
    def events_column(self, endpoint: WebhookEndpoint) -> str:
        return display.number(len(endpoint.events))

    @admin.display(description=_("Registered"), ordering="pk")
    def registered(self, endpoint: WebhookEndpoint) -> SafeString | str:
        return display.date_cell(endpoint.created_at)

    @admin.display(description=_("Status"))
    def status(self, endpoint: WebhookEndpoint) -> SafeString:
        return display.badge(pages.endpoint_badge(endpoint))

    def page(self, endpoint: WebhookEndpoint, viewer: Actor) -> Page:
        return pages.endpoint_page(endpoint, viewer)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ScopedAdmin):
    """What was sent to webhooks, and what they answered."""

    slug = "webhook-deliveries"
    roles = EVERYBODY
    menu_title = _("Webhook deliveries")
    menu_icon = "send"
    menu_group = Group.RECORDS
    menu_order = 35
    empty_text = _("What is sent to webhooks appears here, with each attempt and its answer.")
    url_field = "uuid"
    list_display = ("kind_column", "receiver", "lane_column", "when", "status")
    sortable_by = ("when",)
    operator_columns = ("organization_column",)
    list_select_related = ("event", "endpoint__organization")
    list_filter = (filters.choice("state", _("Status"), DELIVERY_STATES),)
    search_fields = ("event__lane__startswith",)
    search_help_text = _("PCID, from its beginning")
    search_upper = True
    export_columns = columns(
        event="event__kind",
        receiver="endpoint__host",
        pcid="event__lane",
        state="state",
        attempts="attempt_count",
        begun="created_at",
        ended="settled_at",
        id="uuid",
    )
    action_pages = (decisions.Redeliver(),)

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible_deliveries(viewer=viewer)

    @admin.display(description=_("Event"))
    def kind_column(self, delivery: WebhookDelivery) -> SafeString | str:
        return display.code(delivery.event.kind)

    @admin.display(description=_("Organisation"))
    def organization_column(self, delivery: WebhookDelivery) -> str:
        return str(delivery.endpoint.organization)

    @admin.display(description=_("Receiver"))
    def receiver(self, delivery: WebhookDelivery) -> str:
        return delivery.endpoint.host

    @admin.display(description=_("Vehicle"))
    def lane_column(self, delivery: WebhookDelivery) -> SafeString | str:
        return display.code(delivery.event.lane)

    @admin.display(description=_("Time"), ordering="pk")
    def when(self, delivery: WebhookDelivery) -> SafeString | str:
        return display.moment_cell(delivery.created_at)

    @admin.display(description=_("Status"))
    def status(self, delivery: WebhookDelivery) -> SafeString:
        return display.badge(pages.delivery_badge(delivery))

    def page(self, delivery: WebhookDelivery, viewer: Actor) -> Page:
        return pages.delivery_page(delivery, viewer)
