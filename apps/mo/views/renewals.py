"""What an MO has to renew, as a page and as a file."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.web import workflows
from apps.core.web.tables import csv_file
from apps.mo import renewals


def to_renew(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show the contracts that wait for the MO."""
    cards = renewals.cards(viewer)
    return workflows.show(request, "mo/renewals.html", title=_("To renew"), cards=cards)


def to_renew_csv(request: HttpRequest, viewer: Actor) -> HttpResponseBase:
    """Send all of them."""
    return csv_file("contracts-to-renew", renewals.COLUMNS, renewals.written(viewer))
