"""The import of an upload: its rows are published batch by batch, in the background."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.services import LeasedRow
from apps.provisioning_pool import services as pcp
from apps.provisioning_pool.services import Change, Outcome, Publication

KIND: Final = registry.register(
    "oem.publish",
    task="oem.publish_rows",
    title=_("Import of certificates"),
    columns=("pcid", "file"),
)
MESSAGES: Final = {
    Change.NEW: "Published.",
    Change.SAME: "Unchanged.",
    Change.RENEWED: "Renewed.",
    Change.REKEYED: "Renewed.",
}


def work_off(*, job_id: int) -> None:
    """Publish a chunk of a job, with the rights that who started it has today.

    Publishing the same certificate again changes nothing, so a row whose lease was lost may be
    done twice.
    """
    jobs.work(job_id=job_id, settle_batch=_publish)


def _publish(actor: Actor, rows: Sequence[LeasedRow]) -> None:
    """Publish vehicles; what the pool says of the roots that they carry stays as it is."""
    readable: list[tuple[LeasedRow, Publication]] = []
    unreadable: list[tuple[LeasedRow, DomainError]] = []
    for row in rows:
        try:
            readable.append((row, _publication(row.input)))
        except Invalid as error:
            unreadable.append((row, error))
    jobs.settle_rows(outcomes=unreadable)

    def settle(outcomes: Sequence[Outcome]) -> None:
        told = zip(readable, map(_told, outcomes), strict=True)
        jobs.settle_rows(outcomes=[(row, outcome) for (row, _), outcome in told])

    publications = [publication for _, publication in readable]
    heard = jobs.keeper(rows=[row for row, _ in readable])
    pcp.publish_many(actor=actor, publications=publications, then=settle, heard=heard)


def _publication(given: dict[str, Any]) -> Publication:
    try:
        chain = pcp.Chain(
            vehicle=base64.b64decode(given["vehicle"]),
            sub2=base64.b64decode(given["sub2"]) if given["sub2"] else None,
            sub1=base64.b64decode(given["sub1"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("malformed", "The row does not hold certificates.") from error
    return Publication(chain=chain, v2g_roots=None)


def _told(outcome: Outcome) -> str | DomainError:
    return outcome if isinstance(outcome, DomainError) else MESSAGES[outcome.change]
