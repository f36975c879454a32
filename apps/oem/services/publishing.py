"""The import of an upload: its rows are published one by one, in the background."""

import base64
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from structlog import get_logger

from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError
from apps.jobs import registry
from apps.jobs import selectors as job_selectors
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.services import LeasedRow
from apps.oem.paths import version_of
from apps.provisioning_pool import selectors as pool
from apps.provisioning_pool import services as pcp
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate

log = get_logger(__name__)

KIND: Final = registry.register(
    "oem.publish",
    task="oem.publish_rows",
    title=_("Import of certificates"),
    columns=("pcid", "file"),
)
BATCH: Final = 3
"""Rows in hand at once: each may wait up to 15 s for status services, the lease lasts 60 s."""


def work_off(*, job_id: int) -> None:
    """Publish the rows of a job until none is left; any number of workers may do so at once.

    Who started the job must still have the right to, row by row. Publishing the same certificate
    again changes nothing, so a row whose lease was lost may be done twice.
    """
    job = Job.objects.select_related("organization").get(pk=job_id)
    while rows := jobs.lease_rows(job_id=job.pk, limit=BATCH, now=timezone.now()):
        for row in rows:
            try:
                _settle(job, row)
            except Conflict as error:
                log.info("row_lost", code=error.code, row=row.pk)


def _settle(job: Job, row: LeasedRow) -> None:
    try:
        outcome = _publish(job_selectors.starter(job), row)
    except DomainError as error:
        jobs.fail_row(row=row, code=error.code, message=error.message)
    else:
        jobs.finish_row(row=row, message=outcome)


def _publish(actor: Actor, row: LeasedRow) -> str:
    """Publish one vehicle; what it says of the roots it carries stays as it is in the pool."""
    given = row.input
    der = base64.b64decode(given["vehicle"])
    present = pool.current(Pcid.parse(given["pcid"]))
    own = present is not None and present.owner_id == actor.organization_id
    chain = pcp.Chain(
        vehicle=der,
        sub2=base64.b64decode(given["sub2"]) if given["sub2"] else None,
        sub1=base64.b64decode(given["sub1"]),
    )
    pcp.publish(
        actor=actor,
        chain=chain,
        version=version_of(Certificate.from_der(der)),
        v2g_roots=[bytes.fromhex(key) for key in present.v2g_roots] if present and own else [],
    )
    if present is None:
        return "Published."
    return "Unchanged." if bytes(present.der) == der else "Renewed."
