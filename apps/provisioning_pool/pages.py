"""The chain of a vehicle on pages: its own, and those of the apps above."""

from django.utils.translation import gettext as _

from apps.core.web.certificates import ICONS, Link
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.pages import links_above


def links(vehicle: ProvisioningCertificate) -> list[Link]:
    """Return the chain, root first."""
    above = links_above(vehicle.root, vehicle.sub_ca1, vehicle.sub_ca2)
    return [*above, Link(kind=_("Vehicle"), der=bytes(vehicle.der), icon=ICONS["leaf"])]


def labels(vehicle: ProvisioningCertificate) -> dict[str, str]:
    """Return what the certificates below the root are called, by SHA-256 in hexadecimal digits."""
    named = {bytes(vehicle.fingerprint).hex(): _("vehicle certificate")}
    for sub_ca, name in ((vehicle.sub_ca1, _("Sub-CA 1")), (vehicle.sub_ca2, _("Sub-CA 2"))):
        if sub_ca:
            named[bytes(sub_ca.fingerprint).hex()] = name
    return named
