"""Cleansing runs for tests: started and worked off at once."""

from datetime import timedelta
from typing import Any

from apps.audit.models import AuditEvent
from apps.contract_pool.models import ContractData
from apps.core.actor import Actor
from apps.events.models import OutboxEvent
from apps.operator import cleansing
from apps.operator.models import CleansingRun
from apps.operator.selectors import Result, results_of
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.models import CleansingDecision
from tests.factories import contracts, trust

Trigger = CleansingRun.Trigger


def run(actor: Actor | None = None, **terms: Any) -> CleansingRun:
    """Start a run and work it off in this process."""
    person = actor or trust.operator_people()[0]
    made = cleansing.start(actor=person, trigger=Trigger.BUTTON, **terms)
    if made.job is not None:
        cleansing.work_off(job_id=made.job.pk)
        made.job.refresh_from_db()
    return made


def result(made: CleansingRun, pool: str, cause: str) -> Result:
    """What came of one reason."""
    return {(one.pool, one.cause): one for one in results_of(made)}[pool, cause]


def end(vehicle: trust.Vehicle) -> None:
    """Let the certificate of a vehicle have ended yesterday."""
    ended = trust.now() - timedelta(days=1)
    ProvisioningCertificate.objects.filter(pk=vehicle.row.pk).update(not_after=ended)


def pcids() -> set[str]:
    """The vehicles in the pool."""
    return set(ProvisioningCertificate.objects.values_list("pcid", flat=True))


def events(kind: str) -> list[dict[str, Any]]:
    """What parties were told."""
    return list(OutboxEvent.objects.filter(kind=kind).values_list("payload", flat=True))


def reasons(action: str) -> dict[str, str]:
    """Why objects left, by what they are called in the audit trail."""
    return dict(AuditEvent.objects.filter(action=action).values_list("target_id", "reason"))


def question() -> CleansingDecision:
    """The only open question."""
    found: CleansingDecision = CleansingDecision.objects.open().get()
    return found


def decide(*, proceed: bool) -> CleansingDecision:
    """Answer the only open question, and work off the run that it starts."""
    asked = question()
    cleansing.decide(
        actor=trust.operator_person(), decision=asked, proceed=proceed, note="It was agreed."
    )
    for job_id in CleansingRun.objects.filter(trigger=Trigger.DECISION).values_list(
        "job", flat=True
    ):
        if job_id is not None:
            cleansing.work_off(job_id=job_id)
    asked.refresh_from_db()
    return asked


def data_of(world: contracts.World) -> ContractData:
    """The only contract data."""
    return ContractData.objects.get(contract__emaid_key=world.emaid.key)
