"""What is on its way to be signed: jobs in hand, and single contracts."""

from typing import Any, Final

from django.db.models import F, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.actor import Actor, Role
from apps.core.web.display import number
from apps.core.web.paging import CARD_LIMIT, card_count, card_text
from apps.core.web.pictures import Picture, Series, Slot
from apps.jobs import pages as job_pages
from apps.jobs import selectors as jobs
from apps.jobs.models import Job
from apps.mo.models import ConclusionDraft
from apps.provisioning_service import services as provisioning

SHOWN: Final = 6


def queue_for(viewer: Actor) -> Picture | None:
    """Draw the jobs that sign contract data, the oldest first; None for who has none signed."""
    if not viewer.roles & {Role.OPERATOR, Role.MO}:
        return None
    rows = jobs.visible(viewer).filter(
        state__in=job_pages.OPEN, kind__in=provisioning.SIGNING_KINDS
    )
    singles = _singles(viewer)
    slots = [_slot(job) for job in rows.order_by("pk")[:SHOWN]]
    if singles:
        slots.append(Slot(label=_("Single contracts"), counts=(0, 0, singles)))
    note = _note(rows, singles)
    title = _("Signing queue")
    return Picture(
        title=title,
        note=note,
        sentence=f"{title}: {note}",
        first=_("Job"),
        series=(
            Series(_("Done")),
            Series(_("Failed"), "bad"),
            Series(_("Waiting"), "rest"),
        ),
        slots=tuple(slots),
        empty=_("Nothing waits to be signed."),
        href=reverse("admin:jobs_job_changelist"),
        lies=True,
    )


def _singles(viewer: Actor) -> int:
    """Count what persons ordered one by one and no worker has stored yet."""
    rows = ConclusionDraft.objects.filter(state=ConclusionDraft.State.ORDERED)
    if not viewer.has(Role.OPERATOR):
        rows = rows.filter(organization_id=viewer.organization_id)
    return card_count(rows)


def _note(rows: QuerySet[Job], singles: int) -> str:
    """Say how many jobs and rows wait, of the oldest CARD_LIMIT."""
    count = card_count(rows)
    if not count and not singles:
        return ""
    oldest = Job.objects.filter(pk__in=rows.order_by("pk").values("pk")[:CARD_LIMIT])
    left: Any = oldest.aggregate(left=Sum(F("total") - F("done") - F("failed")))["left"] or 0
    said = ngettext("%(rows)s waiting, %(jobs)s job", "%(rows)s waiting, %(jobs)s jobs", count)
    return said % {"jobs": card_text(count), "rows": number(left + singles)}


def _slot(job: Job) -> Slot:
    left = max(0, job.total - job.done - job.failed)
    return Slot(
        label=job_pages.title_of(job),
        counts=(job.done, job.failed, left),
        href=reverse("admin:jobs_job_change", args=[job.uuid]),
    )
