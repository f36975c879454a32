"""What stands above the leaf of a stored chain, as the pages of the pools draw it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.web.certificates import ICONS, Link
from apps.pki.models import SubCa
from apps.root_pool.models import RootCertificate


def links_above(root: RootCertificate, sub_ca1: SubCa, sub_ca2: SubCa | None) -> list[Link]:
    """Return the root, linked to its page, and the sub-CAs below it."""
    href = reverse("admin:root_pool_rootcertificate_change", args=[root.uuid])
    links = [
        Link(kind=_("Root"), der=bytes(root.der), icon=ICONS["root"], href=href),
        Link(kind=_("Sub-CA 1"), der=bytes(sub_ca1.der)),
    ]
    if sub_ca2:
        links.append(Link(kind=_("Sub-CA 2"), der=bytes(sub_ca2.der)))
    return links
