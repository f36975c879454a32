"""What an MO has to renew, as a page and as a file."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import workflows
from apps.core.web.tables import csv_file
from apps.mo import renewals

LEAD: Final = _(
    "Contracts whose certificate the V2G MO CA made are renewed by themselves. Where your own CA "
    "made it, hand in new contract data before it ends, or end the contract."
)


def to_renew(request: HttpRequest, viewer: Actor) -> HttpResponse:
    """Show the contracts that wait for the MO."""
    return workflows.show(
        request,
        "mo/renewals.html",
        title=_("To renew"),
        heading=_("Contracts to renew"),
        lead=LEAD,
        cards=renewals.cards(viewer),
    )


def to_renew_csv(request: HttpRequest, viewer: Actor) -> HttpResponseBase:
    """Send all of them."""
    return csv_file("contracts-to-renew", renewals.COLUMNS, renewals.written(viewer))
