"""The PCID card of a vehicle."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.actor import Actor
from apps.core.web import workflows
from apps.oem.pcid_cards import pcid_card as card_of
from apps.provisioning_pool import selectors as pool
from v2g.ids import Pcid


def pcid_card(request: HttpRequest, viewer: Actor, pcid: str) -> HttpResponse:
    """Show the card of an own vehicle, ready to be printed."""
    vehicle = pool.visible(viewer).filter(pcid=pcid, owner=viewer.organization_id).first()
    if vehicle is None:
        raise Http404
    back = reverse("admin:provisioning_pool_provisioningcertificate_change", args=[pcid])
    return workflows.show(
        request,
        "oem/pcid_card.html",
        title=_("PCID card"),
        parent={"title": vehicle.pcid, "url": back},
        card=card_of(Pcid(vehicle.pcid)),
        maker=vehicle.owner.name,
    )
