"""A list of contracts: checked as a dry run, then concluded as one job."""

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core import throttle
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.jobs import registry
from apps.jobs.models import Job
from apps.mo import list_files, lists
from apps.mo.models import ConclusionList
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_service import services as cps
from apps.provisioning_service.services.bulk import TASK

KIND: Final = registry.register(
    "mo.conclude",
    task=TASK,
    title=_("Contracts from a list"),
    columns=("pcid", "emaid", "begins", "ends"),
)
LISTS_PER_HOUR: Final = 20
"""Lists that a person may have checked in an hour: each names up to 20,000 vehicles."""


def check_list(*, actor: Actor, name: str, octets: bytes) -> ConclusionList:
    """Check a CSV file row by row and keep the result; nothing is concluded.

    Raises Forbidden, Invalid for a file that cannot be read, TooMany.
    """
    rights.require_role(actor, Operation.CPS_GENERATE)
    if actor.kind is not ActorKind.PERSON or actor.organization_id is None:
        raise Forbidden("people_only", "Only a person may do this.")
    if len(octets) > list_files.MAX_BYTES:
        raise Invalid("too_large", "A list may have 5 MB.")
    lines = list_files.read(octets)
    throttle.take(f"mo:lists:{actor.identifier}", limit=LISTS_PER_HOUR, seconds=3600)
    rows = lists.check(actor, lines, at=timezone.now())
    return ConclusionList.objects.create(
        organization_id=actor.organization_id,
        person_id=int(actor.identifier),
        name=name[:120],
        rows=[row.stored for row in rows],
    )


def conclude_list(*, actor: Actor, checked: ConclusionList) -> Job:
    """Start the job for the rows that are good; pressed again it is the same job.

    Raises Forbidden, Conflict (`nothing_good`).
    """
    if (checked.organization_id, str(checked.person_id)) != (
        actor.organization_id,
        actor.identifier,
    ):
        raise Forbidden("foreign_list", "This list was checked by somebody else.")
    good = [_input(row) for row in lists.restored(checked.rows) if row.is_good]
    if not good:
        raise Conflict("nothing_good", "No row of this list can be concluded.")
    with transaction.atomic():
        held = ConclusionList.objects.select_for_update().select_related(None).get(pk=checked.pk)
        if held.job_id is None:
            held.job = cps.start_bulk(actor=actor, rows=good, kind=KIND)
            held.save(update_fields=["job", "updated_at"])
        return Job.objects.get(pk=held.job_id)


def conclude_file(*, actor: Actor, octets: bytes) -> tuple[list[lists.Row], Job | None]:
    """Check a CSV file and conclude at once what is good of it, for who needs no page to look at.

    Returns the rows that are not good, and the job (None where no row is). Raises Forbidden,
    Invalid for a file that cannot be read.
    """
    rights.require_role(actor, Operation.CPS_GENERATE)
    if len(octets) > list_files.MAX_BYTES:
        raise Invalid("too_large", "A list may have 5 MB.")
    rows = lists.check(actor, list_files.read(octets), at=timezone.now())
    good = [_input(row) for row in rows if row.is_good]
    job = cps.start_bulk(actor=actor, rows=good, kind=KIND) if good else None
    return [row for row in rows if row.error], job


def _input(row: lists.Row) -> dict[str, str]:
    """What the job needs of a row; its EMAID was free when it was checked, and must still be."""
    return {
        "pcid": row.pcid,
        "emaid": row.emaid,
        "begins": row.begins,
        "ends": row.ends,
        "root": row.root,
        "must_be_new": "yes",
    }
