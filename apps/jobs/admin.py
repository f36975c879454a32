"""Jobs in the portal."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display, filters
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.display import Badge, Tone
from apps.core.web.navigation import Group
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard
from apps.jobs import selectors
from apps.jobs.models import Job, JobRow

SHOWN_ROWS = 50
TONES: dict[str, Tone] = {
    Job.State.WAITING: "default",
    Job.State.RUNNING: "info",
    Job.State.DONE: "success",
    Job.State.CANCELLED: "default",
}


def state_badge(job: Job) -> Badge:
    tone = "warning" if job.failed and job.state == Job.State.DONE else TONES[job.state]
    return Badge(job.get_state_display(), tone)


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
    list_display = ("kind_column", "started", "by", "progress", "state_column")
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    list_filter = (filters.choice("state", _("State"), Job.State.choices),)
    search_fields = ("kind__istartswith",)
    search_help_text = _("Kind of job, from its beginning")

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible(viewer)

    @admin.display(description=_("Job"))
    def kind_column(self, job: Job) -> str:
        return job.kind

    @admin.display(description=_("Organisation"))
    def organization_column(self, job: Job) -> str:
        return str(job.organization or display.EMPTY)

    @admin.display(description=_("Started"))
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
        return display.badge(state_badge(job))

    def page(self, job: Job, viewer: Actor) -> Page:
        return Page(
            heading=job.kind,
            badges=(state_badge(job),),
            line=_("Job · started %(time)s") % {"time": display.distance(job.created_at)},
            tabs=(Tab(key="job", title=_("Job"), cards=(_failures(job), _facts(job))),),
        )


def _facts(job: Job) -> Card:
    return FactsCard(
        title=_("Job"),
        facts=(
            Fact(label=_("Started by"), value=job.started_by_label),
            Fact(label=_("Started"), value=display.moment_cell(job.created_at)),
            Fact(label=_("Finished"), value=display.moment_cell(job.finished_at)),
            Fact(label=_("Rows"), value=display.number(job.total)),
            Fact(label=_("Done"), value=display.number(job.done)),
            Fact(label=_("Failed"), value=display.number(job.failed)),
            Fact(label=_("Id"), value=str(job.uuid), code=True, copy=True),
        ),
    )


def _failures(job: Job) -> Card:
    rows = job.rows.filter(state=JobRow.State.FAILED)[:SHOWN_ROWS]
    return TableCard(
        title=_("Rows that failed"),
        note=_("the first %(count)s") % {"count": SHOWN_ROWS},
        columns=(_("Row"), _("Reason")),
        rows=tuple(Row(cells=(row.number, row.message or row.code)) for row in rows),
        empty=_("No row has failed."),
    )
