"""The operator's pages in the portal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit.admin import AuditEventAdmin
from apps.contract_pool.admin import ContractAdmin, ContractDataAdmin
from apps.core.actor import Actor, Right, Role
from apps.core.web import display, workflows
from apps.core.web import filters as choices
from apps.core.web.admin import OPERATOR, ScopedAdmin
from apps.core.web.deciding import ListLink
from apps.core.web.exporting import Column, columns
from apps.core.web.navigation import Group
from apps.core.web.pages import Page
from apps.core.web.tables import csv_file
from apps.core.web.workflows import READING, Step, Workflow
from apps.operator import cleansing_pages as pages
from apps.operator import decisions, filters, selectors, views, views_cleansing
from apps.operator.models import CleansingRun
from apps.participants import rights
from apps.participants.rights import Operation
from apps.pki.admin import IssuedCertificateAdmin
from apps.provisioning_pool.admin import ProvisioningCertificateAdmin
from apps.root_pool import selectors as roots
from apps.root_pool.models import CleansingDecision

PARTY = _("Organisation")

AuditEventAdmin.extend(
    filters=[filters.organization("organization_id", PARTY, parameter="organization")]
)
ProvisioningCertificateAdmin.extend(
    filters=[
        filters.organization("owner", _("OEM"), parameter="oem", role=Role.OEM),
        filters.root("root", _("Root"), parameter="root"),
    ]
)
ContractAdmin.extend(filters=[filters.organization("mo", _("MO"), parameter="mo", role=Role.MO)])
ContractDataAdmin.extend(
    filters=[
        filters.root("root", _("V2G root"), parameter="root"),
        filters.root("contract_root", _("Root of the contract"), parameter="contract_root"),
    ]
)
IssuedCertificateAdmin.extend(
    filters=[filters.organization("owner", PARTY, parameter="organization")]
)

workflows.register(
    Workflow(
        slug="pools",
        title=_("Pools"),
        icon="database",
        roles=OPERATOR,
        group=Group.DAILY,
        order=5,
        steps=(
            Step(
                path="",
                name="operator_pools",
                view=views.pools,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
workflows.register(
    Workflow(
        slug="health",
        title=_("Health"),
        icon="monitor_heart",
        roles=OPERATOR,
        group=Group.RECORDS,
        order=5,
        steps=(
            Step(
                path="",
                name="operator_health",
                view=views.page,
                right=Right.VIEWER,
                methods=READING,
            ),
            Step(
                path="now/",
                name="operator_health_now",
                view=views.now,
                right=Right.VIEWER,
                methods=READING,
            ),
        ),
    )
)
workflows.register(
    Workflow(
        slug="cleanse",
        title=_("Clean the pools now"),
        icon="mop",
        roles=OPERATOR,
        in_menu=False,
        steps=(Step(path="", name="operator_cleanse", view=views_cleansing.clean_now, fresh=True),),
    )
)
workflows.register(
    Workflow(
        slug="schedules",
        title=_("Schedules"),
        icon="schedule",
        roles=OPERATOR,
        group=Group.RECORDS,
        order=45,
        steps=(
            Step(
                path="",
                name="operator_schedules",
                view=views_cleansing.schedules,
                right=Right.VIEWER,
                methods=READING,
            ),
            Step(
                path="<int:key>/",
                name="operator_schedule",
                view=views_cleansing.schedule,
                right=Right.ADMIN,
                fresh=True,
            ),
        ),
    )
)


@admin.register(CleansingRun)
class CleansingRunAdmin(ScopedAdmin):
    """Runs of the cleansing, newest first."""

    slug = "cleansing"
    roles = OPERATOR
    menu_title = _("Cleansing")
    menu_icon = "mop"
    menu_group = Group.RECORDS
    menu_order = 40
    empty_text = _("Runs appear here once the clock or a person has started one.")
    url_field = "uuid"
    list_display = ("started", "by", "pools", "removed", "state_column")
    list_select_related = ("job",)
    sortable_by = ("started",)
    list_filter = (choices.choice("trigger", _("Asked for by"), CleansingRun.Trigger.choices),)
    export_columns = (
        *columns(started="started_at", by="started_by_label", asked_by="trigger"),
        Column("pools", lambda run: " ".join(run.pools)),
        Column("removed", lambda run: sum(one.removed for one in run.counts.all())),
        *columns(questions="asked", id="uuid"),
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.runs(viewer).prefetch_related("counts")

    @admin.display(description=_("Started"), ordering="pk")
    def started(self, run: CleansingRun) -> SafeString | str:
        return display.moment_cell(run.started_at)

    @admin.display(description=_("By"))
    def by(self, run: CleansingRun) -> str:
        return run.started_by_label

    @admin.display(description=_("Pools"))
    def pools(self, run: CleansingRun) -> str:
        return pages.pools_of(run)

    @admin.display(description=_("Removed"))
    def removed(self, run: CleansingRun) -> str:
        return display.number(sum(one.removed for one in run.counts.all()))

    @admin.display(description=_("Status"))
    def state_column(self, run: CleansingRun) -> SafeString:
        return display.badge(pages.badge_of(run))

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        link = ListLink(label=_("Clean the pools now"), name="operator_cleanse", icon="mop")
        return (link,) if rights.may(viewer, Operation.POOLS_CLEANSE) else ()

    def page(self, run: CleansingRun, viewer: Actor) -> Page:
        return pages.run_page(run, viewer)


@admin.register(CleansingDecision)
class CleansingDecisionAdmin(ScopedAdmin):
    """Questions about CAs that count no more, newest first."""

    slug = "cleansing-decisions"
    roles = OPERATOR
    menu_title = _("Decisions")
    menu_icon = "rule"
    menu_group = Group.TRUST
    menu_order = 40
    empty_text = _("A removed root or a revoked sub-CA on which much hangs is asked about here.")
    url_field = "uuid"
    list_display = ("name_column", "why", "asked", "state_column")
    sortable_by = ("asked",)
    list_filter = (choices.choice("state", _("State"), CleansingDecision.State.choices),)
    export_columns = columns(
        ca="name", why="why", asked="asked_at", state="state", decided="decided_at", id="uuid"
    )
    action_pages = (decisions.TakeOut(), decisions.Keep())

    def visible_to(self, viewer: Actor) -> Any:
        return roots.cleansing_decisions(viewer)

    @admin.display(description=_("CA"))
    def name_column(self, question: CleansingDecision) -> str:
        return question.name

    @admin.display(description=_("Asked"), ordering="pk")
    def asked(self, question: CleansingDecision) -> SafeString | str:
        return display.moment_cell(question.asked_at)

    @admin.display(description=_("Status"))
    def state_column(self, question: CleansingDecision) -> SafeString:
        return display.badge(pages.decision_badge(question))

    def page(self, question: CleansingDecision, viewer: Actor) -> Page:
        return pages.decision_page(question, viewer, self.address_of(str(question.uuid)))

    def extra_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.hanging_view)
        return [path("<str:object_id>/hanging.csv", view)]

    def hanging_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """All that hangs on the CA as a file."""
        self._require_reading(request)
        question = self.visible_row(request, object_id)
        return csv_file("hanging", pages.CSV_COLUMNS, pages.hanging_rows(question))
