"""What an MO is shown of a vehicle: its chain, the checks it passed, the V2G roots it carries."""

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.web import certificates, display
from apps.core.web.certificates import ICONS, Link
from apps.core.web.pages import Card, Fact, FactsCard
from apps.mo.vehicles import Found
from apps.provisioning_pool.models import ProvisioningCertificate


def cards(found: Found) -> tuple[Card, ...]:
    """Return the chain and what the vehicle is."""
    return (certificates.chain_card(_links(found.row)), facts(found))


def checks(found: Found) -> Card:
    """Return the record of the checks when the OEM published the vehicle."""
    row = found.row
    return certificates.checks_card(row.checks, _labels(row), row.published_at)


def facts(found: Found) -> FactsCard:
    """Return what the vehicle is, in words."""
    row = found.row
    roots = ", ".join(str(root) for root in found.roots)
    return FactsCard(
        title=_("Vehicle"),
        facts=(
            Fact(label=_("PCID"), value=row.pcid, code=True, copy=True),
            Fact(label=_("Car maker"), value=row.owner.name),
            Fact(label=_("Status"), value=display.validity(row.not_before, row.not_after)),
            Fact(label=_("Valid until"), value=display.date_cell(row.not_after)),
            Fact(label=_("V2G roots that are possible"), value=roots),
        ),
    )


def _links(row: ProvisioningCertificate) -> list[Link]:
    href = reverse("admin:root_pool_rootcertificate_change", args=[row.root.uuid])
    above = [
        Link(kind=_("Root"), der=bytes(row.root.der), icon=ICONS["root"], href=href),
        Link(kind=_("Sub-CA 1"), der=bytes(row.sub_ca1.der)),
    ]
    if row.sub_ca2:
        above.append(Link(kind=_("Sub-CA 2"), der=bytes(row.sub_ca2.der)))
    return [*above, Link(kind=_("Vehicle"), der=bytes(row.der), icon=ICONS["leaf"])]


def _labels(row: ProvisioningCertificate) -> dict[str, str]:
    labels = {bytes(row.fingerprint).hex(): _("vehicle certificate")}
    for sub_ca, name in ((row.sub_ca1, _("Sub-CA 1")), (row.sub_ca2, _("Sub-CA 2"))):
        if sub_ca:
            labels[bytes(sub_ca.fingerprint).hex()] = name
    return labels
