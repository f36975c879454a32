"""The page of a job: how far it is, which rows failed, and what may be done about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.decisions import Action, Decision
from apps.core.web.display import Badge, Tone
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard
from apps.core.web.refusals import told
from apps.jobs import registry, selectors, services
from apps.jobs.models import Job
from apps.participants import rights
from apps.participants.rights import Operation

State = Job.State

SHOWN_ROWS: Final = 50
OPEN: Final = (State.WAITING, State.RUNNING)
STATES: Final[dict[str, tuple[Any, Tone]]] = {
    State.WAITING: (gettext_lazy("Waiting"), "default"),
    State.RUNNING: (gettext_lazy("Running"), "info"),
    State.DONE: (gettext_lazy("Done"), "success"),
    State.CANCELLED: (gettext_lazy("Stopped"), "default"),
}
COLUMNS: Final[Mapping[str, Any]] = {
    "pcid": gettext_lazy("PCID"),
    "emaid": gettext_lazy("EMAID"),
    "file": gettext_lazy("File"),
    "begins": gettext_lazy("Begins"),
    "ends": gettext_lazy("Ends"),
}


@dataclass(frozen=True, kw_only=True)
class ProgressCard(Card):
    """How far a job is; while it is open the page asks for this card again and again."""

    template: ClassVar[str] = "jobs/progress.html"
    job: Job
    address: str
    may_stop: bool = False

    @property
    def is_open(self) -> bool:
        return self.job.state in OPEN

    @property
    def is_stopping(self) -> bool:
        return self.is_open and self.job.cancel_requested

    @property
    def settled(self) -> int:
        return self.job.done + self.job.failed

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.job.total if self.job.total else 0

    @property
    def line(self) -> str:
        words = {"settled": display.number(self.settled), "total": display.number(self.job.total)}
        return _("%(settled)s of %(total)s rows") % words

    @property
    def badges(self) -> tuple[Badge, ...]:
        """What came out so far."""
        done = _("%(count)s done") % {"count": display.number(self.job.done)}
        failed = _("%(count)s failed") % {"count": display.number(self.job.failed)}
        found = [Badge(done, "success")]
        if self.job.failed:
            found.append(Badge(failed, "danger"))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class FailuresCard(TableCard):
    """The first failed rows; where all of them are as a file."""

    template: ClassVar[str] = "jobs/failures.html"
    address: str


def _on_job(run: Any) -> Any:
    return lambda actor, job, _typed: run(actor=actor, job=job)


STOP: Final = Action(
    key="stop",
    label=gettext_lazy("Stop"),
    done=gettext_lazy("The job stops. What is done stays done; you can resume it."),
    run=_on_job(services.request_cancel),
)
RESUME: Final = Action(
    key="resume",
    label=gettext_lazy("Resume"),
    done=gettext_lazy("The job goes on where it stopped."),
    run=_on_job(services.resume),
    tone="primary",
)
RETRY: Final = Action(
    key="retry",
    label=gettext_lazy("Try the failed rows again"),
    done=gettext_lazy("The failed rows are tried again."),
    run=_on_job(services.retry_failed),
    tone="primary",
)
ACTIONS: Final = (STOP, RESUME, RETRY)


def title_of(job: Job) -> str:
    """What people call a job of this kind."""
    return str(registry.described(job.kind).title)


def state_badge(job: Job) -> Badge:
    """Say how a job stands; one that is done with failed rows asks for attention."""
    text, tone = STATES[job.state]
    return Badge(text, "warning" if job.failed and job.state == State.DONE else tone)


def job_page(job: Job, viewer: Actor, address: str) -> Page:
    """Progress and what failed on one side, the facts on the other."""
    cards: tuple[Card, ...] = (
        progress_card(job, viewer, address),
        failures_card(job, address),
        facts_card(job),
    )
    return Page(
        heading=title_of(job),
        badges=(state_badge(job),),
        line=_("Job · started %(time)s by %(who)s")
        % {"time": display.distance(job.created_at), "who": job.started_by_label},
        tabs=(Tab(key="job", title=_("Job"), cards=cards),),
    )


def decisions_of(job: Job, viewer: Actor) -> tuple[Decision, ...]:
    """Say what the viewer may do about the job now; nothing about another party's."""
    may = rights.may(viewer, Operation.JOBS_WRITE)
    if not may or job.organization_id != viewer.organization_id:
        return ()
    if job.state == State.CANCELLED:
        lead = _("What was done before stays done.")
        return (Decision(title=_("Go on with this job?"), lead=lead, actions=(RESUME,)),)
    if job.state == State.DONE and job.failed and job.kind in registry.known_kinds():
        return (_retry(job),)
    return ()


def _retry(job: Job) -> Decision:
    title = ngettext("%(count)s row failed", "%(count)s rows failed", job.failed)
    return Decision(
        title=title % {"count": display.number(job.failed)},
        lead=_(
            "The reasons stand below. Mend the cause, then try these rows again; what succeeded "
            "is not touched."
        ),
        actions=(RETRY,),
    )


def progress_card(job: Job, viewer: Actor, address: str) -> ProgressCard:
    """Say how far the job is, with a button where the viewer may stop it."""
    may = _may_stop(job, viewer)
    return ProgressCard(title=_("Progress"), job=job, address=address, may_stop=may)


def _may_stop(job: Job, viewer: Actor) -> bool:
    own = job.organization_id == viewer.organization_id
    waiting = job.state in OPEN and not job.cancel_requested
    return own and waiting and rights.may(viewer, Operation.JOBS_WRITE)


def facts_card(job: Job) -> Card:
    """Who started it, and when."""
    facts = [
        Fact(label=_("Started by"), value=job.started_by_label),
        Fact(label=_("Started"), value=display.moment_cell(job.created_at)),
    ]
    if job.finished_at:
        facts.append(Fact(label=_("Finished"), value=display.moment_cell(job.finished_at)))
    facts += [
        Fact(label=_("Kind"), value=job.kind, code=True),
        Fact(label=_("Id"), value=str(job.uuid), code=True, copy=True),
    ]
    return FactsCard(title=_("Job"), facts=tuple(facts))


def failures_card(job: Job, address: str) -> FailuresCard:
    """The first failed rows with their reasons; the CSV file has all."""
    columns = _columns(job)
    return FailuresCard(
        address=address,
        title=_("Rows that failed"),
        note=_("the first %(count)s") % {"count": SHOWN_ROWS} if job.failed > SHOWN_ROWS else "",
        columns=(_("Row"), *(COLUMNS.get(name, name) for name in columns), _("Reason")),
        rows=tuple(
            Row(
                cells=(
                    row.number,
                    *(str(row.input.get(name, "")) for name in columns),
                    told(row.message) or row.code,
                )
            )
            for row in selectors.failed_rows(job)[:SHOWN_ROWS]
        ),
        empty=_("No row has failed."),
    )


def csv_columns(job: Job) -> tuple[str, ...]:
    """Head of the CSV file of failed rows: the row's own fields, so that it can be sent again."""
    return ("row", *_columns(job), "code", "reason")


def csv_rows(job: Job) -> Iterator[tuple[str, ...]]:
    """All failed rows."""
    columns = _columns(job)
    for row in selectors.failed_rows(job).iterator(chunk_size=1000):
        given = (str(row.input.get(name, "")) for name in columns)
        yield (str(row.number), *given, row.code, row.message)


def _columns(job: Job) -> tuple[str, ...]:
    return registry.described(job.kind).columns
