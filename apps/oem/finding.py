"""What the search of the portal offers a car maker beside its own rows."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.contract_pool import visibility
from apps.core.actor import Actor, Role
from apps.core.web.finding import Found
from v2g.errors import IdError
from v2g.ids import Emaid


def contract_of_vehicle(term: str, viewer: Actor) -> Iterable[Found]:
    """Lead from a whole EMAID to the vehicle of one's own that it runs for."""
    if not viewer.has(Role.OEM):
        return
    try:
        emaid = Emaid.parse(term)
    except IdError:
        return
    vehicle = visibility.own_vehicle_of(viewer, emaid)
    if vehicle is not None:
        address = reverse("admin:provisioning_pool_provisioningcertificate_change", args=[vehicle])
        yield Found(
            title=str(emaid),
            kind=_("Contract of %(pcid)s") % {"pcid": vehicle},
            href=address,
            icon="receipt_long",
            code=True,
        )
