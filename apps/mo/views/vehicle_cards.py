"""What an MO is shown of a vehicle: its chain, the checks it passed, the V2G roots it carries."""

from django.utils.translation import gettext as _

from apps.core.web import certificates, display
from apps.core.web.pages import Card, Fact, FactsCard
from apps.mo.vehicles import Found
from apps.provisioning_pool import pages


def cards(found: Found) -> tuple[Card, ...]:
    """Return the chain and what the vehicle is."""
    return (certificates.chain_card(pages.links(found.row)), facts(found))


def checks(found: Found) -> Card:
    """Return the record of the checks when the OEM published the vehicle."""
    row = found.row
    return certificates.checks_card(row.checks, pages.labels(row), row.published_at)


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
