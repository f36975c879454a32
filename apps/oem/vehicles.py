"""What a car maker finds on the page of its vehicle, beside what the pools below show there."""

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.contract_pool import visibility
from apps.contract_pool.models import Delivery
from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.acting import RowLink
from apps.core.web.display import Badge
from apps.core.web.pages import Row, Tab, TableCard
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Pcid

SHOWN: Final = 20


def is_own(vehicle: ProvisioningCertificate, viewer: Actor, operation: Operation) -> bool:
    """Tell whether the vehicle is the viewer's own and the operation open to the viewer."""
    own = vehicle.owner_id == viewer.organization_id
    return own and rights.may_on(viewer, operation, wmi=Pcid(vehicle.pcid).wmi)


def deliveries_tab(vehicle: ProvisioningCertificate, viewer: Actor) -> Tab | None:
    """What was fetched for the vehicle, and how it went."""
    if not is_own(vehicle, viewer, Operation.CCP_CONTRACTS_OF_VEHICLE):
        return None
    found = visibility.deliveries_of_vehicle(viewer, Pcid(vehicle.pcid))[:SHOWN]
    card = TableCard(
        title=_("Deliveries"),
        note=_("the last %(count)s requests") % {"count": SHOWN},
        columns=(_("Time"), _("Way"), _("EMAID"), _("Status")),
        rows=tuple(_row(one) for one in found),
        empty=_("Nothing was fetched for this vehicle yet."),
    )
    return Tab(key="deliveries", title=_("Deliveries"), cards=(card,))


def renewal(vehicle: ProvisioningCertificate, viewer: Actor) -> RowLink | None:
    """The way to upload a new certificate for this vehicle."""
    if not is_own(vehicle, viewer, Operation.PCP_PUBLISH):
        return None
    href = f"{reverse('admin:oem_upload')}?pcid={vehicle.pcid}"
    return RowLink(label=_("Renew certificate"), href=href)


def card(vehicle: ProvisioningCertificate, viewer: Actor) -> RowLink | None:
    """The way to the card for the customer."""
    if not is_own(vehicle, viewer, Operation.PCP_GET):
        return None
    return RowLink(label=_("PCID card"), href=reverse("admin:oem_pcid_card", args=[vehicle.pcid]))


def _row(delivery: Delivery) -> Row:
    is_done = delivery.outcome == Delivery.Outcome.DELIVERED
    badge = Badge(_("Delivered"), "success") if is_done else Badge(_("Refused"), "danger")
    time = display.moment_cell(delivery.at)
    way = delivery.get_way_display()
    return Row(cells=(time, way, display.code(delivery.emaid_key), badge))
