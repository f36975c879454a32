"""The audit trail in the portal."""

import json
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit import selectors, services
from apps.audit.lines import line_of
from apps.audit.models import AuditEvent
from apps.audit.pages import result_badge
from apps.core.actor import Actor, ActorKind, Role
from apps.core.web import display, filters, wording
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.deciding import ListLink
from apps.core.web.exporting import columns
from apps.core.web.membership import viewer_of
from apps.core.web.navigation import Group
from apps.core.web.pages import Fact, FactsCard, Page, Tab
from apps.core.web.refusals import told

SEALS: Final = 500
"""How many seals a press checks, so that it takes seconds; `manage.py verify_audit` checks all."""
ACTIONS: Final = tuple((name, words.text) for name, words in wording.ACTIONS.items())
KINDS: Final = (
    (ActorKind.PERSON.value, _("People")),
    (ActorKind.CLIENT.value, _("API clients")),
    (ActorKind.SYSTEM.value, _("Plugpool itself")),
)


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
        filters.choice("action", _("Action"), ACTIONS),
        filters.choice("result", _("Result"), AuditEvent.Result.choices),
        filters.choice("actor_kind", _("By"), KINDS, parameter="by"),
        filters.period("at", _("Time")),
    )
    search_fields = ("target_id__startswith", "action__startswith", "actor_label__startswith")
    search_help_text = _("Object, action or name, from its beginning")
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

    export_line = staticmethod(line_of)

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        link = ListLink(label=_("Verify the chain"), name="audit_verify", icon="verified")
        return (link,) if viewer.has(Role.OPERATOR) else ()

    def extra_urls(self) -> list[URLPattern]:
        return [path("verify/", self.admin_site.admin_view(self.verify_view), name="audit_verify")]

    def verify_view(self, request: HttpRequest) -> HttpResponse:
        """Check the newest seals when the button is pressed."""
        if not viewer_of(request).has(Role.OPERATOR):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        found = services.verify_newest(seals=SEALS) if request.method == "POST" else None
        page = Page(heading=_("Verify the chain"))
        return self.show(request, "audit/verify.html", page, page.heading, found=found, limit=SEALS)

    @admin.display(description=_("Time"), ordering="pk")
    def time(self, event: AuditEvent) -> SafeString | str:
        return display.moment_cell(event.at)

    @admin.display(description=_("Action"))
    def what(self, event: AuditEvent) -> str:
        return str(wording.action(event.action).text)

    @admin.display(description=_("Object"))
    def target(self, event: AuditEvent) -> str:
        return self._named(event) or display.EMPTY

    def _who(self, event: AuditEvent) -> str:
        """The kind of who acted; of a client its id too, which a person could look for."""
        kind = str(wording.actor(event.actor_kind))
        return f"{kind} {event.actor_id}" if event.actor_kind == ActorKind.CLIENT else kind

    def _named(self, event: AuditEvent) -> str:
        return wording.target(event.target_type, event.target_id, event.detail)

    @admin.display(description=_("By"))
    def who(self, event: AuditEvent) -> str:
        return str(wording.who(event.actor_kind, event.actor_label))

    @admin.display(description=_("Status"))
    def result_column(self, event: AuditEvent) -> SafeString:
        return display.badge(result_badge(event))

    def name_of(self, event: AuditEvent) -> str:
        return " · ".join(part for part in (self.what(event), self._named(event)) if part)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Find the words of actions in the language of the page, too."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        begun = search_term.strip().casefold()
        said = [
            name for name, words in ACTIONS if begun and str(words).casefold().startswith(begun)
        ]
        return (found | queryset.filter(action__in=said) if said else found), distinct

    def page(self, event: AuditEvent, viewer: Actor) -> Page:
        detail = (
            json.dumps(event.detail, ensure_ascii=False, sort_keys=True) if event.detail else ""
        )
        facts = (
            Fact(label=_("Time"), value=display.moment_cell(event.at)),
            Fact(label=_("By"), value=event.actor_label, note=self._who(event)),
            Fact(label=_("Action"), value=wording.action(event.action).text, note=event.action),
            Fact(
                label=_("Object"),
                value=self._named(event) or event.target_id,
                note=f"{wording.target_kind(event.target_type)} {event.target_id}",
            ),
            Fact(label=_("Reason"), value=told(event.reason)),
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
