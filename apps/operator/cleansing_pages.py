"""The pages of a cleansing run, and of a question about a CA that counts no more."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.pages import history_tab
from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.display import Badge, Tone
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard
from apps.core.web.paging import in_batches
from apps.core.web.refusals import told
from apps.jobs.pages import state_badge
from apps.operator.models import CleansingRun
from apps.operator.selectors import Result, results_of
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.models import CleansingDecision

Text = str | Promise
State = CleansingDecision.State

SHOWN: Final = 50
MOST_IN_FILE: Final = 1_000_000
POOLS: Final[dict[str, Text]] = {
    "rcp": gettext_lazy("Roots (RCP)"),
    "pcp": gettext_lazy("Vehicles (PCP)"),
    "ccp": gettext_lazy("Contracts (CCP)"),
}
CAUSES: Final[dict[tuple[str, str], Text]] = {
    ("rcp", "expired"): gettext_lazy("The root has ended"),
    ("pcp", "expired"): gettext_lazy("The provisioning certificate has ended"),
    ("pcp", "revoked"): gettext_lazy("The provisioning certificate is revoked"),
    ("pcp", "ca"): gettext_lazy("A CA above it does not count any more"),
    ("ccp", "ended"): gettext_lazy("The contract has ended"),
    ("ccp", "expired"): gettext_lazy("The contract certificate has ended"),
    ("ccp", "revoked"): gettext_lazy("The contract certificate is revoked"),
    ("ccp", "ca"): gettext_lazy("A CA above it does not count any more"),
    ("ccp", "root"): gettext_lazy("The root of the vehicle does not count any more"),
}
DECIDED: Final[dict[str, tuple[Text, Tone]]] = {
    State.WAITING: (gettext_lazy("Waits for a decision"), "warning"),
    State.PROCEED: (gettext_lazy("Is taken out"), "info"),
    State.KEEP: (gettext_lazy("Stays, not delivered"), "default"),
}
DEPENDANTS: Final[dict[str, Text]] = {
    "vehicles": gettext_lazy("Vehicles"),
    "contracts": gettext_lazy("Contracts"),
    "contract data": gettext_lazy("Contract data"),
}
CSV_COLUMNS: Final = ("kind", "identifier", "organisation")
COUNTS: Final = ("found", "removed", "followed", "told", "failed")
NOTHING_FOUND: Final = Badge(gettext_lazy("Nothing to do"), "success")


@dataclass(frozen=True, kw_only=True)
class HangingCard(TableCard):
    """The first rows that hang on a CA; where all of them are as a file."""

    template: ClassVar[str] = "operator/hanging.html"
    address: str


@dataclass(frozen=True, kw_only=True)
class ResultsCard(Card):
    """What a run did, by reason."""

    template: ClassVar[str] = "operator/results.html"
    results: tuple[dict[str, Any], ...]


def pools_of(run: CleansingRun) -> str:
    """Name the pools that a run swept."""
    return ", ".join(str(POOLS.get(pool, pool)) for pool in run.pools)


def badge_of(run: CleansingRun) -> Badge:
    """Say how a run stands."""
    return state_badge(run.job) if run.job else NOTHING_FOUND


def run_page(run: CleansingRun, viewer: Actor) -> Page:
    """What a run found and did, by pool and reason."""
    return Page(
        heading=_("Cleansing of the pools"),
        badges=(badge_of(run),),
        line=_("Started %(time)s by %(who)s")
        % {"time": display.distance(run.started_at), "who": run.started_by_label},
        tabs=(
            Tab(key="result", title=_("Result"), cards=(_results(run), _facts(run))),
            history_tab(viewer, "cleansing_run", str(run.uuid)),
        ),
    )


def _results(run: CleansingRun) -> ResultsCard:
    return ResultsCard(
        title=_("What came of it"),
        results=tuple(_shown(one) for one in results_of(run) if one.found),
    )


def _shown(one: Result) -> dict[str, Any]:
    numbers = {name: display.number(getattr(one, name)) for name in COUNTS}
    return {
        "pool": POOLS.get(one.pool, one.pool),
        "cause": CAUSES.get((one.pool, one.cause), one.cause),
        "reasons": [told(reason) for reason in one.reasons],
        **numbers,
    }


def _facts(run: CleansingRun) -> FactsCard:
    facts = [
        Fact(label=_("Started by"), value=run.started_by_label),
        Fact(label=_("Started"), value=display.moment_cell(run.started_at)),
        Fact(label=_("Asked for by"), value=run.get_trigger_display()),
        Fact(label=_("Pools"), value=pools_of(run)),
        Fact(label=_("New decisions asked for"), value=display.number(run.asked)),
    ]
    if run.job:
        done, total = run.job.done + run.job.failed, run.job.total
        words = {"done": display.number(done), "total": display.number(total)}
        facts.append(
            Fact(
                label=_("Job"),
                value=_("%(done)s of %(total)s batches") % words,
                href=reverse("admin:jobs_job_change", args=[run.job.uuid]),
            )
        )
    return FactsCard(title=_("Run"), facts=tuple(facts))


def decision_badge(question: CleansingDecision) -> Badge:
    """Say how a question stands."""
    if question.closed_at:
        return Badge(_("Closed"), "default")
    return Badge(*DECIDED[question.state])


def decision_page(question: CleansingDecision, viewer: Actor, address: str) -> Page:
    """What the question is about, and what hangs on the CA now."""
    kind = _("Root") if question.root_id else _("Sub-CA")
    cards = (_about(question), *_hanging_cards(question, address))
    return Page(
        heading=question.name,
        badges=(Badge(kind), decision_badge(question)),
        line=_("Nothing below it is taken in or delivered, whatever is decided here."),
        tabs=(
            Tab(key="decision", title=_("Decision"), cards=cards),
            history_tab(viewer, "cleansing_decision", str(question.uuid)),
        ),
    )


def dependants_of(question: CleansingDecision) -> tuple[Fact, ...]:
    """What hung on the CA when the question came up."""
    return tuple(
        Fact(label=DEPENDANTS.get(what, what), value=display.number(count))
        for what, count in question.dependants.items()
    )


def hanging_rows(question: CleansingDecision) -> Iterator[tuple[str, str, str]]:
    """All that hangs on the CA now, for a file."""
    cars, running = _hanging(question)
    for car in in_batches(cars, most=MOST_IN_FILE, size=500):
        yield ("vehicle", car.pcid, str(car.owner))
    for contract in in_batches(running, most=MOST_IN_FILE, size=500):
        yield ("contract", contract.emaid, str(contract.mo))


def _about(question: CleansingDecision) -> FactsCard:
    facts = [
        Fact(label=_("Why it counts no more"), value=question.get_why_display()),
        Fact(label=_("Asked"), value=display.moment_cell(question.asked_at)),
        *dependants_of(question),
    ]
    if question.decided_at:
        facts += [
            Fact(label=_("Decided by"), value=question.decided_by_label),
            Fact(label=_("Decided"), value=display.moment_cell(question.decided_at)),
        ]
    if question.closed_at:
        facts.append(Fact(label=_("Closed"), value=display.moment_cell(question.closed_at)))
    return FactsCard(title=_("Question"), note=_("numbers of when it came up"), facts=tuple(facts))


def _hanging_cards(question: CleansingDecision, address: str) -> tuple[HangingCard, ...]:
    cars, running = _hanging(question)
    return (
        HangingCard(
            title=_("Vehicles below it now"),
            note=_("the first %(count)s") % {"count": SHOWN},
            columns=(_("PCID"), _("OEM"), _("Valid until")),
            rows=tuple(map(_car, cars[:SHOWN])),
            empty=_("No vehicle hangs on it."),
            address=address,
        ),
        HangingCard(
            title=_("Contracts below it now"),
            note=_("the first %(count)s") % {"count": SHOWN},
            columns=(_("EMAID"), _("MO"), _("PCID")),
            rows=tuple(map(_contract, running[:SHOWN])),
            empty=_("No contract hangs on it."),
            address=address,
        ),
    )


def _hanging(
    question: CleansingDecision,
) -> tuple[QuerySet[ProvisioningCertificate], QuerySet[Contract]]:
    cars, running = ProvisioningCertificate.objects.all(), Contract.objects.running()
    if question.root_id is not None:
        cars, running = cars.filter(root=question.root_id), running.below_root(question.root_id)
    elif question.sub_ca_id is not None:
        cars, running = cars.below(question.sub_ca_id), running.below(question.sub_ca_id)
    return cars.select_related("owner").order_by("pk"), running.select_related("mo").order_by("pk")


def _car(car: ProvisioningCertificate) -> Row:
    return Row(
        cells=(car.pcid, str(car.owner), display.day(car.not_after)),
        href=reverse("admin:provisioning_pool_provisioningcertificate_change", args=[car.pcid]),
    )


def _contract(contract: Contract) -> Row:
    return Row(
        cells=(contract.emaid, str(contract.mo), contract.pcid),
        href=reverse("admin:contract_pool_contract_change", args=[contract.pk]),
    )
