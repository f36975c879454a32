"""The audit trail in the portal."""

import json
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit import selectors
from apps.audit.models import AuditEvent
from apps.audit.pages import result_badge
from apps.core.actor import Actor
from apps.core.web import display, filters, wording
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.exporting import columns
from apps.core.web.navigation import Group
from apps.core.web.pages import Fact, FactsCard, Page, Tab


@admin.register(AuditEvent)
class AuditEventAdmin(ScopedAdmin):
    """What an organisation did, and what was refused to it; everything for the operator."""

    slug = "audit"
    roles = EVERYBODY
    menu_title = _("Audit trail")
    menu_icon = "history"
    menu_group = Group.RECORDS
    menu_order = 10
    empty_text = _("Everything that changes is recorded here.")
    list_display = ("time", "what", "target", "who", "result_column")
    sortable_by = ("time",)
    list_filter = (
        filters.choice("result", _("Result"), AuditEvent.Result.choices),
        filters.period("at", _("Time")),
    )
    search_fields = ("target_id__startswith", "action__startswith")
    search_help_text = _("Object or action, from its beginning")
    export_columns = columns(
        at="at",
        action="action",
        result="result",
        who="actor_label",
        kind="actor_kind",
        object_type="target_type",
        object="target_id",
        reason="reason",
        request_id="request_id",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    @admin.display(description=_("Time"), ordering="pk")
    def time(self, event: AuditEvent) -> SafeString | str:
        return display.moment_cell(event.at)

    @admin.display(description=_("Action"))
    def what(self, event: AuditEvent) -> str:
        return str(wording.action(event.action).text)

    @admin.display(description=_("Object"))
    def target(self, event: AuditEvent) -> str:
        return wording.target(event.target_type, event.target_id, event.detail) or display.EMPTY

    @admin.display(description=_("By"))
    def who(self, event: AuditEvent) -> str:
        return str(event.actor_label)

    @admin.display(description=_("Status"))
    def result_column(self, event: AuditEvent) -> SafeString:
        return display.badge(result_badge(event))

    def page(self, event: AuditEvent, viewer: Actor) -> Page:
        detail = (
            json.dumps(event.detail, ensure_ascii=False, sort_keys=True) if event.detail else ""
        )
        facts = (
            Fact(label=_("Time"), value=display.moment_cell(event.at)),
            Fact(
                label=_("By"), value=event.actor_label, note=f"{event.actor_kind} {event.actor_id}"
            ),
            Fact(label=_("Action"), value=event.action, code=True),
            Fact(label=_("Object"), value=event.target_id, note=event.target_type, code=True),
            Fact(label=_("Reason"), value=event.reason),
            Fact(label=_("Detail"), value=detail, code=True),
            Fact(
                label=_("Request"), value=event.request_id, code=True, copy=bool(event.request_id)
            ),
        )
        return Page(
            heading=wording.action(event.action).text,
            badges=(result_badge(event),),
            line=_("Audit event · %(time)s") % {"time": display.distance(event.at)},
            tabs=(
                Tab(
                    key="event", title=_("Event"), cards=(FactsCard(title=_("Event"), facts=facts),)
                ),
            ),
        )
