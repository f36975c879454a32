"""Jobs in the portal."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display, filters
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.decisions import Decision
from apps.core.web.exporting import columns
from apps.core.web.membership import viewer_of
from apps.core.web.navigation import Group
from apps.core.web.pages import Page
from apps.core.web.tables import csv_file
from apps.jobs import pages, selectors
from apps.jobs.models import Job

STOP_POLLING: Final = 286
"""htmx asks no more after this status."""


@admin.register(Job)
class JobAdmin(ScopedAdmin):
    """Long work of an organisation; all for the operator."""

    slug = "jobs"
    roles = EVERYBODY
    menu_title = _("Jobs")
    menu_icon = "pending_actions"
    menu_group = Group.RECORDS
    menu_order = 20
    empty_text = _("Imports, bulk work and cleansing runs appear here.")
    url_field = "uuid"
    change_form_template = "jobs/detail.html"
    row_actions = pages.ACTIONS
    list_display = ("kind_column", "started", "by", "progress", "state_column")
    sortable_by = ("started",)
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    list_filter = (filters.choice("state", _("State"), Job.State.choices),)
    search_fields = ("kind__istartswith",)
    search_help_text = _("Kind of job, from its beginning")
    export_columns = columns(
        kind="kind",
        started="created_at",
        by="started_by_label",
        state="state",
        rows="total",
        done="done",
        failed="failed",
        ended="finished_at",
        id="uuid",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    @admin.display(description=_("Job"))
    def kind_column(self, job: Job) -> str:
        return pages.title_of(job)

    @admin.display(description=_("Organisation"))
    def organization_column(self, job: Job) -> str:
        return str(job.organization or display.EMPTY)

    @admin.display(description=_("Started"), ordering="pk")
    def started(self, job: Job) -> SafeString | str:
        return display.moment_cell(job.created_at)

    @admin.display(description=_("By"))
    def by(self, job: Job) -> str:
        return job.started_by_label

    @admin.display(description=_("Progress"))
    def progress(self, job: Job) -> str:
        return f"{display.number(job.done + job.failed)} / {display.number(job.total)}"

    @admin.display(description=_("Status"))
    def state_column(self, job: Job) -> SafeString:
        return display.badge(pages.state_badge(job))

    def address(self, job: Job) -> str:
        return self.address_of(str(job.uuid))

    def page(self, job: Job, viewer: Actor) -> Page:
        return pages.job_page(job, viewer, self.address(job))

    def decisions_of(self, job: Job, viewer: Actor) -> tuple[Decision, ...]:
        return pages.decisions_of(job, viewer)

    def extra_urls(self) -> list[URLPattern]:
        shown = self.admin_site.admin_view
        return [
            path("<str:object_id>/progress/", shown(self.progress_view), name="jobs_job_progress"),
            path("<str:object_id>/failed.csv", shown(self.failed_view), name="jobs_job_failed"),
        ]

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The live part of the page; 286 tells htmx that the job is over."""
        self._require_reading(request)
        job, viewer = self.visible_row(request, object_id), viewer_of(request)
        address = self.address(job)
        card = pages.progress_card(job, viewer, address)
        context = {
            "card": card,
            "failures": pages.failures_card(job, address),
            "decisions": pages.decisions_of(job, viewer),
            "badge": pages.state_badge(job),
            "address": address,
        }
        status = HTTPStatus.OK if card.is_open else STOP_POLLING
        return TemplateResponse(request, "jobs/live.html", context, status=status)

    def failed_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """All failed rows as a file."""
        self._require_reading(request)
        job = self.visible_row(request, object_id)
        return csv_file("failed-rows", pages.csv_columns(job), pages.csv_rows(job))
