"""Upload certificates: choose files, look at the dry run, import."""

import uuid
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid, NotFound
from apps.core.web import uploads as received
from apps.core.web import workflows
from apps.core.web.decisions import UNPROCESSABLE, attempt
from apps.core.web.refusals import in_words
from apps.core.web.tables import csv_file
from apps.jobs.models import Job
from apps.oem import files, pages, selectors, services
from apps.oem.forms import ImportForm, UploadForm
from apps.oem.models import UploadBatch

FIELDS: Final = {"password": "password"} | dict.fromkeys(
    ("private_key", "zip", "too_many", "too_large", "nothing"), "certificates"
)


def upload(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Take the files and check them."""
    if request.method != "POST":
        given = {"pcid": request.GET.get("pcid", "")[:18]}
        return _upload_page(request, viewer, UploadForm(initial=given), 200)
    form, made = UploadForm(request.POST, request.FILES), list[UploadBatch]()
    if received.is_too_large(request):
        form.errors.clear()
        form.add_error("certificates", files.too_large())

    def check() -> None:
        typed = form.cleaned_data
        made.append(
            services.check(
                actor=viewer,
                uploaded=typed["certificates"],
                password=typed["password"],
                only=typed["pcid"],
            )
        )

    status = attempt(form, check, FIELDS)
    return _upload_page(request, viewer, form, status) if status else _to(made[0])


def dry_run(request: HttpRequest, viewer: Actor, upload: uuid.UUID) -> HttpResponse:
    """Show what the import would do; import or discard."""
    batch = _batch(viewer, upload)
    if request.method != "POST":
        return _dry_run_page(request, batch)
    if "discard" in request.POST:
        return _discard(request, viewer, batch)
    form = ImportForm(request.POST)
    form.is_valid()
    try:
        job = services.start_import(
            actor=viewer, batch=batch, rekeys_confirmed=form.cleaned_data["rekeys"]
        )
    except DomainError as error:
        status = UNPROCESSABLE if isinstance(error, Invalid) else error.status
        return _dry_run_page(request, batch, refused=error, status=status)
    return _to_job(job)


def rows_csv(request: HttpRequest, viewer: Actor, upload: uuid.UUID) -> HttpResponseBase:
    """All rows of a dry run."""
    batch = _batch(viewer, upload)
    return csv_file("dry-run", pages.COLUMNS, pages.csv_rows(batch))


def _batch(viewer: Actor, identifier: uuid.UUID) -> UploadBatch:
    try:
        return selectors.upload(viewer=viewer, identifier=identifier)
    except NotFound as error:
        raise Http404(error.message) from error


def _discard(request: HttpRequest, viewer: Actor, batch: UploadBatch) -> HttpResponse:
    try:
        services.discard(actor=viewer, batch=batch)
    except DomainError as error:
        return _dry_run_page(request, batch, refused=error, status=error.status)
    messages.success(request, _("The upload was discarded. Nothing of it was stored."))
    return HttpResponseRedirect(reverse("admin:oem_upload"))


def _to(batch: UploadBatch) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:oem_dry_run", args=[batch.uuid]))


def _to_job(job: Job) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.uuid]))


def _upload_page(
    request: HttpRequest, viewer: Actor, form: UploadForm, status: int
) -> HttpResponse:
    return workflows.show(
        request,
        "oem/upload.html",
        title=_("Upload certificates"),
        lead=_(
            "Choose the certificates of your vehicles. They are checked first; nothing is stored "
            "before you import."
        ),
        status=status,
        form=form,
        only=form["pcid"].value(),
        drafts=[pages.draft(one) for one in selectors.drafts(viewer, now=timezone.now())[:10]],
    )


def _dry_run_page(
    request: HttpRequest, batch: UploadBatch, *, refused: DomainError | None = None, **more: Any
) -> HttpResponse:
    if batch.job is not None:
        return _to_job(batch.job)
    return workflows.show(
        request,
        "oem/dry_run.html",
        title=_("Dry run"),
        parent={"title": _("Upload certificates"), "url": reverse("admin:oem_upload")},
        run=pages.dry_run(batch),
        refused=refused,
        why=in_words(refused) if refused else "",
        **more,
    )
