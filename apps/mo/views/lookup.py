"""Whether a vehicle is in the pool, and what an MO may know of it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.web import workflows
from apps.core.web.decisions import UNPROCESSABLE
from apps.mo import vehicles
from apps.mo.forms import LookUpForm
from apps.mo.vehicles import Answer
from apps.mo.views import vehicle_cards
from apps.participants import rights
from apps.participants.rights import Operation


def look_up(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Ask for a PCID, and answer below it. The search fills it in; only a press looks it up."""
    given = {"pcid": request.GET.get("pcid", "")[: vehicles.MAX_TYPED]}
    form = LookUpForm(request.POST) if request.method == "POST" else LookUpForm(initial=given)
    answer = Answer("wait", "")
    if form.is_bound and form.is_valid():
        answer = vehicles.as_typed(viewer, form.cleaned_data["pcid"], at=timezone.now())
    found = answer.found
    shown = (*vehicle_cards.cards(found), vehicle_cards.checks(found)) if found else ()
    return workflows.show(
        request,
        "mo/lookup.html",
        title=_("Vehicle look-up"),
        status=UNPROCESSABLE if form.is_bound and not found else 200,
        form=form,
        answer=answer,
        found=found,
        cards=shown,
        may_conclude=rights.may(viewer, Operation.CPS_GENERATE),
        limit=vehicles.PER_HOUR,
    )
