"""Pages of charge point operators."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.decisions import UNPROCESSABLE
from apps.core.web.workflows import show
from apps.cpo import inspector, pages
from apps.cpo.forms import MessageForm

LEAD = _(
    "See what an installation request or response says, who signed it, and whether its "
    "certificates reach a trusted root. Nothing is stored."
)


def inspect(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Decode what was pasted or dropped, and say what of it holds."""
    form = MessageForm(request.POST or None, request.FILES or None)
    result, status = None, 200
    if request.method == "POST":
        if form.is_valid():
            found = form.cleaned_data["found"]
            result = pages.result_page(found, inspector.judge(found, at=timezone.now()))
        else:
            status = UNPROCESSABLE
    context = {"form": form, "result": result, "lead": LEAD}
    return show(
        request, "cpo/inspector.html", title=_("Message inspector"), status=status, **context
    )
