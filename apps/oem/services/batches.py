"""Uploads from their dry run to their import. Nothing of a draft is in the pool."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.oem import files, inspection
from apps.oem.inspection import Inspected, Inspection
from apps.oem.models import UploadBatch, UploadRow
from apps.oem.services.publishing import KIND
from apps.participants.rights import Operation, require, require_role
from v2g.ids import Pcid

Result = UploadRow.Result

KEPT: Final = timedelta(days=1)
DRAFTS_EACH: Final = 10
"""Drafts that a person keeps; one more takes the place of the oldest."""
IMPORTED: Final = (Result.NEW, Result.RENEWS, Result.REKEYS)
_ROWS: Final = 1000


def check(
    *,
    actor: Actor,
    uploaded: Sequence[files.File],
    password: str = "",
    only: Pcid | None = None,
) -> UploadBatch:
    """Check an upload and keep the outcome as a draft for KEPT; nothing enters the pool.

    With `only`, certificates of other vehicles fail. Raises Forbidden; Invalid for what refuses
    the whole upload: private_key, password, zip, too_many, too_large, nothing.
    """
    require_role(actor, Operation.PCP_PUBLISH)
    if actor.organization_id is None:
        raise Forbidden("role", "Certificates are uploaded by an OEM, not by the system.")
    now = timezone.now()
    found = inspection.inspect(files.read(uploaded, password), actor=actor, at=now, only=only)
    if not found.vehicles and not found.unreadable:
        raise Invalid("nothing", "There is no certificate of a vehicle in these files.")
    rows = list(_rows(found))
    with transaction.atomic():
        batch = UploadBatch.objects.create(
            organization_id=actor.organization_id,
            checked_by=actor.identifier,
            checked_by_label=actor.label,
            only=str(only or ""),
            counts=Counter(str(row.result) for row in rows),
            left_out=found.left_out,
            expires_at=now + KEPT,
        )
        for row in rows:
            row.batch = batch
        UploadRow.objects.bulk_create(rows, batch_size=_ROWS)
        _drop_oldest(batch)
    return batch


def start_import(*, actor: Actor, batch: UploadBatch, rekeys_confirmed: bool = False) -> Job:
    """Import what the dry run let pass, as a job; asking again returns the same job.

    Raises Forbidden, Conflict (`expired`), Invalid: `nothing` to import, `rekeys` where vehicles
    get a new key, which ends their contracts, and nobody said that this is meant.
    """
    require_role(actor, Operation.PCP_PUBLISH)
    require(actor, Operation.JOBS_WRITE, organization_id=batch.organization_id)
    if batch.counts.get(Result.REKEYS) and not rekeys_confirmed and batch.job is None:
        raise Invalid("rekeys", "Say that the contracts of these vehicles may end.")
    with transaction.atomic():
        held = UploadBatch.objects.select_for_update().filter(pk=batch.pk).first()
        if held is None:
            raise Conflict("expired", "This upload was discarded. Please upload it again.")
        if held.job is not None:
            return held.job
        if held.expires_at <= timezone.now():
            raise Conflict("expired", "This dry run is a day old. Please upload it again.")
        rows = held.rows.filter(result__in=IMPORTED).order_by("number")
        inputs = list(rows.values_list("input", flat=True))
        if not inputs:
            raise Invalid("nothing", "There is nothing to import.")
        held.job = jobs.start(actor=actor, kind=KIND, rows=inputs)
        held.save(update_fields=["job", "updated_at"])
    return held.job


def discard(*, actor: Actor, batch: UploadBatch) -> None:
    """Forget a draft. Raises Forbidden, Conflict (`imported`) once it is imported."""
    require_role(actor, Operation.PCP_PUBLISH)
    require(actor, Operation.JOBS_WRITE, organization_id=batch.organization_id)
    deleted, _ = UploadBatch.objects.filter(pk=batch.pk, job__isnull=True).delete()
    if not deleted and UploadBatch.objects.filter(pk=batch.pk).exists():
        raise Conflict("imported", "This upload is imported already.")


def sweep(*, now: datetime) -> int:
    """Forget uploads that have expired; return how many rows went."""
    deleted, _ = UploadBatch.objects.expired(now).delete()
    return deleted


def _drop_oldest(batch: UploadBatch) -> None:
    own = UploadBatch.objects.drafts(timezone.now()).filter(
        organization=batch.organization_id, checked_by=batch.checked_by
    )
    kept = list(own.order_by("-pk").values_list("pk", flat=True)[:DRAFTS_EACH])
    own.exclude(pk__in=kept).delete()


def _rows(found: Inspection) -> Iterator[UploadRow]:
    """One row for each vehicle in the order of the files, then one for each unreadable file."""
    for number, one in enumerate(found.vehicles, start=1):
        yield _vehicle_row(number, one)
    for number, (name, reason) in enumerate(found.unreadable, start=len(found.vehicles) + 1):
        yield UploadRow(
            number=number,
            source=_plain(name, 200),
            result=Result.FAILED,
            code="unreadable",
            detail=_plain(f"{reason[:1].upper()}{reason[1:]}.", 300),
        )


def _vehicle_row(number: int, one: Inspected) -> UploadRow:
    imported = one.result in IMPORTED
    return UploadRow(
        number=number,
        source=_plain(one.source, 200),
        pcid=str(one.pcid or ""),
        result=one.result,
        code=one.code,
        detail=_plain(one.detail, 300),
        checks={**one.checks, **({"from_pool": True} if one.from_pool else {})},
        chain=_plain(inspection.chain_text(one), 400),
        not_after=one.certificate.not_after,
        input=inspection.job_input(one) if imported else {},
    )


def _plain(text: str, limit: int) -> str:
    """Names of files and certificates may hold what no column stores."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
