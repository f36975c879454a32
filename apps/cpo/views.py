"""Pages of charge point operators."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.decisions import UNPROCESSABLE
from apps.core.web.uploads import tell_too_large
from apps.core.web.workflows import show
from apps.cpo import inspector, installations, pages
from apps.cpo import stations as station_pages
from apps.cpo.forms import MessageForm
from apps.participants import rights
from apps.participants.rights import Operation

LEAD = _(
    "See what an installation request or response says, who signed it, and whether its "
    "certificates reach a trusted root. Nothing is stored."
)


def inspect(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Decode what was pasted or dropped, and say what of it holds."""
    form = MessageForm(request.POST or None, request.FILES or None)
    result, status = None, 200
    if request.method == "POST":
        tell_too_large(request, form)
        if form.is_valid():
            found = form.cleaned_data["found"]
            result = pages.result_page(found, inspector.judge(found, at=timezone.now()))
        else:
            status = UNPROCESSABLE
    context = {"form": form, "result": result, "lead": LEAD}
    return show(
        request, "cpo/inspector.html", title=_("Message inspector"), status=status, **context
    )


def stations(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show how the certificates of the charge points stand."""
    return show(
        request,
        "cpo/stations.html",
        title=_("Charge point certificates"),
        heading=_("Your charge points"),
        lead=_("What your charge points prove themselves with to vehicles."),
        figures=station_pages.figures(viewer),
        cards=(station_pages.ending_card(viewer), station_pages.newest_card(viewer)),
        may_ask=rights.may(viewer, Operation.EST_ENROLL_CPO),
    )


def requests(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show what vehicles asked for in the last days, and why something was refused."""
    return show(
        request,
        "cpo/installations.html",
        title=_("Installation requests"),
        lead=_("What vehicles asked for at your charge points, and how it went."),
        overview=installations.overview(viewer),
        latest=installations.latest(viewer),
    )
