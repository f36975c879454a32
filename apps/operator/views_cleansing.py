"""The operator's pages around the cleansing: clean now, and the clock."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.web import workflows
from apps.core.web.decisions import attempt
from apps.operator import cleansing, timetable
from apps.operator.cleansing_pages import CAUSES, POOLS
from apps.operator.forms import ScheduleForm, initial
from apps.operator.models import CleansingRun
from apps.participants import rights
from apps.participants.rights import Operation
from apps.root_pool import lost


def clean_now(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show what would leave; start the run where that is asked."""
    if request.method == "POST":
        run = cleansing.start(actor=viewer, trigger=CleansingRun.Trigger.BUTTON)
        return HttpResponseRedirect(reverse("admin:operator_cleansingrun_change", args=[run.uuid]))
    at = timezone.now()
    found = cleansing.preview(at=at)
    return workflows.show(
        request,
        "operator/cleanse.html",
        title=_("Clean the pools now"),
        rows=[(POOLS[one.pool], CAUSES[one.pool, one.cause], one) for one in found if one.count],
        questions=lost.to_ask(at),
    )


def schedules(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show what recurs and may be changed."""
    return workflows.show(
        request,
        "operator/schedules.html",
        title=_("Schedules"),
        entries=timetable.entries(),
        may_change=rights.may(viewer, Operation.SCHEDULES_MANAGE),
    )


def schedule(request: HttpRequest, viewer: Actor, key: int) -> HttpResponse:
    """Change one of them."""
    entry = _entry(key)
    typed = request.method == "POST"
    given = {"data": request.POST} if typed else {"initial": initial(entry)}
    form = ScheduleForm(entry=entry, **given)

    def call() -> None:
        seconds = form.cleaned_data["every"] * form.cleaned_data["unit"]
        enabled = form.cleaned_data["enabled"]
        timetable.change(actor=viewer, key=key, seconds=seconds, enabled=enabled)

    status = attempt(form, call, {"interval": "every"}) if typed else 200
    if status is None:
        messages.success(request, _("The schedule was changed. It holds within seconds."))
        return HttpResponseRedirect(reverse("admin:operator_schedules"))
    return workflows.show(
        request,
        "operator/schedule.html",
        title=_("Change a schedule"),
        status=status,
        entry=entry,
        form=form,
    )


def _entry(key: int) -> timetable.Entry:
    try:
        return timetable.entry(key)
    except NotFound as error:
        raise Http404(error.message) from error
