"""Contracts from a CSV file: documented, checked as a dry run, concluded as a job."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http import HttpResponseRedirect as Redirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.core.web import workflows
from apps.core.web.decisions import UNPROCESSABLE, attempt
from apps.core.web.refusals import in_words
from apps.core.web.tables import csv_file
from apps.core.web.uploads import is_too_large
from apps.mo import lists, services
from apps.mo.forms import ListForm
from apps.mo.list_files import COLUMNS, RESULT
from apps.mo.models import ConclusionList

SHOWN: Final = 200
"""Rows on the page; all of them are in the file of results."""

ABOUT: Final[dict[str, tuple[str | Promise, str | Promise]]] = {
    "pcid": (
        gettext_lazy("Needed"),
        gettext_lazy("The vehicle, 17 or 18 letters and digits; spaces do not matter."),
    ),
    "emaid": (
        gettext_lazy("Optional"),
        gettext_lazy("Empty: a free one of your first provider id is proposed."),
    ),
    "begins": (
        gettext_lazy("Optional"),
        gettext_lazy("A day such as 2027-01-31 or 31.01.2027. Empty: today."),
    ),
    "ends": (gettext_lazy("Needed"), gettext_lazy("The last day, in the same form.")),
    "root": (
        gettext_lazy("Optional"),
        gettext_lazy("Id or SHA-256 of one V2G root. Empty: every root that the vehicle carries."),
    ),
}


def upload(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Take a list in and check it."""
    if request.method != "POST":
        return _upload_page(request, ListForm())
    form = ListForm(request.POST, request.FILES)
    if is_too_large(request):
        form.errors.clear()
        form.add_error("file", _("This file is larger than 5 MB. Split it."))
    made: list[ConclusionList] = []

    def call() -> None:
        file = form.cleaned_data["file"]
        name, octets = str(file.name), file.read()
        made.append(services.check_list(actor=viewer, name=name, octets=octets))

    fields = dict.fromkeys(("encoding", "csv", "columns", "rows", "too_large", "throttled"), "file")
    status = UNPROCESSABLE if is_too_large(request) else attempt(form, call, fields)
    if status is not None:
        return _upload_page(request, form, status)
    return Redirect(reverse("admin:mo_list_dry_run", args=[made[0].uuid]))


def dry_run(request: HttpRequest, viewer: Actor, checked: UUID) -> HttpResponse:
    """Show what would happen to each row, and start it where that is asked."""
    found = _mine(viewer, checked)
    if request.method == "POST":
        try:
            job = services.conclude_list(actor=viewer, checked=found)
        except DomainError as error:
            messages.warning(request, in_words(error))
            return Redirect(request.path)
        return Redirect(reverse("admin:jobs_job_change", args=[job.uuid]))
    rows = sorted(
        lists.restored(found.rows), key=lambda row: (not row.error, bool(row.done), not row.note)
    )
    good, done = sum(row.is_good for row in rows), sum(bool(row.done) for row in rows)
    return workflows.show(
        request,
        "mo/dry_run.html",
        title=_("Contracts from a list"),
        checked=found,
        rows=rows[:SHOWN],
        total=len(rows),
        good=good,
        done=done,
        bad=len(rows) - good - done,
        noted=sum(bool(row.note) for row in rows if row.is_good),
    )


def rows_csv(request: HttpRequest, viewer: Actor, checked: UUID) -> HttpResponseBase:
    """Send every row with its result; it can be repaired and handed in again."""
    found = _mine(viewer, checked)
    return csv_file("contracts", [*COLUMNS, RESULT], _written(found))


def template(request: HttpRequest, viewer: Actor) -> HttpResponseBase:
    """Send a file with the columns and one row to replace."""
    today = timezone.localdate()
    row = [
        "WVW00000000000001",
        "",
        today.isoformat(),
        (today + timedelta(days=730)).isoformat(),
        "",
    ]
    return csv_file("contracts-template", COLUMNS, [row])


def _mine(viewer: Actor, checked: UUID) -> ConclusionList:
    rows = ConclusionList.objects.of(viewer).select_related("job")
    found = rows.filter(uuid=checked).first()
    if not isinstance(found, ConclusionList):
        raise Http404
    return found


def _written(checked: ConclusionList) -> Iterator[list[str]]:
    for row in lists.restored(checked.rows):
        result = row.error or row.done or row.note or _("Can be concluded")
        yield [row.pcid, row.emaid, *row.days, row.root, result]


def _upload_page(request: HttpRequest, form: ListForm, status: int = 200) -> HttpResponse:
    columns = [(name, *ABOUT[name]) for name in COLUMNS]
    return workflows.show(
        request,
        "mo/list.html",
        title=_("Contracts from a list"),
        status=status,
        form=form,
        columns=columns,
    )
