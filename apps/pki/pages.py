"""The detail pages of authorities, issued certificates and sub-CAs."""

from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.pages import history_tab
from apps.core.actor import Actor
from apps.core.web import certificates, display
from apps.core.web.certificates import ICONS, Link
from apps.core.web.display import Badge
from apps.core.web.downloads import CertificateFiles
from apps.core.web.pages import Card, Fact, FactsCard, Page, Tab, Text
from apps.pki import lasting, rolling
from apps.pki.forms import REASONS
from apps.pki.models import Authority, IssuedCertificate, RevocationReason, SubCa
from apps.pki.rolling import Obstacle

State = IssuedCertificate.State
REPLACED: Final = Badge(gettext_lazy("Replaced"), "default")


def issued_badge(issued: IssuedCertificate) -> Badge:
    """Say how a certificate of ours stands; what is followed by itself does not end soon."""
    if issued.state == State.ISSUED:
        soon = lasting.near_end(issued)
        found = display.validity(issued.not_before, issued.not_after, soon=soon)
        is_over = found in (display.SOON_OVER, display.EXPIRED)
        return REPLACED if is_over and lasting.is_followed(issued) else found
    badges = {
        State.INTENDED: Badge(_("Ordered"), "info"),
        State.REVOKED: Badge(_("Revoked"), "danger"),
        State.ABANDONED: Badge(_("Given up"), "default"),
    }
    return badges[State(issued.state)]


def authority_badge(authority: Authority) -> Badge:
    """Say whether an authority issues."""
    if not authority.active:
        return Badge(_("Retired"), "default")
    return display.validity(authority.not_before, authority.not_after)


def issued_page(issued: IssuedCertificate, viewer: Actor) -> Page:
    """The certificate with its chain; an order that was never signed has only its order."""
    tabs, files = [Tab(key="order", title=_("Order"), cards=(_order(issued),))], None
    if issued.der:
        leaf = Link(
            kind=_("Certificate"),
            der=bytes(issued.der),
            icon=ICONS["leaf"],
            badge=issued_badge(issued),
        )
        links = [*_links(issued.authority, linked=False), leaf]
        chain, files = certificates.chain_card(links), certificates.files(links)
        facts = certificates.facts_card(issued.der)
        tabs = [
            Tab(key="chain", title=_("Chain"), cards=(chain, _order(issued))),
            Tab(key="details", title=_("Details"), cards=(facts,)),
            history_tab(viewer, "certificate", bytes(issued.fingerprint or b"").hex()),
        ]
    return Page(
        heading=issued.common_name,
        code=True,
        badges=(issued_badge(issued),),
        files=files,
        line=_("Issued by %(authority)s · valid until %(day)s")
        % {"authority": issued.authority, "day": display.day(issued.not_after)},
        tabs=tuple(tabs),
    )


def authority_page(authority: Authority, viewer: Actor) -> Page:
    """A CA of ours with the path up to its root."""
    links = _links(authority, linked=True)
    chain = certificates.chain_card(links)
    facts = certificates.facts_card(authority.der)
    return Page(
        heading=authority.name,
        badges=(authority_badge(authority),),
        alert=_obstacle(authority),
        files=certificates.files(links),
        line=_("%(purpose)s · %(level)s · valid until %(day)s")
        % {
            "purpose": authority.get_purpose_display(),
            "level": authority.get_level_display(),
            "day": display.day(authority.not_after),
        },
        tabs=(
            Tab(key="chain", title=_("Chain"), cards=(chain, _authority_facts(authority))),
            Tab(key="details", title=_("Details"), cards=(facts,)),
            history_tab(viewer, "authority", str(authority.uuid)),
        ),
    )


_OBSTACLES: Final[dict[Obstacle, Text]] = {
    Obstacle.ROOT: gettext_lazy(
        "What this root issues would outlast it. Make a new root and have it trusted."
    ),
    Obstacle.KEY_ELSEWHERE: gettext_lazy(
        "What this authority issues would outlast it, and the key above it is not here. Have its "
        "successor signed where that key is."
    ),
    Obstacle.PARENT_ENDS: gettext_lazy(
        "What this authority issues would outlast it, and the one above it ends too soon."
    ),
}


def _obstacle(authority: Authority) -> Text:
    """Say what only a person can do about the successor of an authority, if anything."""
    due = rolling.due(now=timezone.now())
    found = next((one for one in due if one.authority == authority), None)
    return _OBSTACLES[found.obstacle] if found and found.obstacle else ""


def sub_ca_page(sub_ca: SubCa) -> Page:
    """A sub-CA of somebody else, as it stands in stored chains."""
    return Page(
        heading=sub_ca.subject,
        badges=(display.validity(sub_ca.not_before, sub_ca.not_after),),
        files=CertificateFiles((bytes(sub_ca.der),)),
        line=_("Sub-CA · valid until %(day)s") % {"day": display.day(sub_ca.not_after)},
        tabs=(Tab(key="certificate", title=_("Certificate"), cards=(_sub_ca_facts(sub_ca),)),),
    )


def _links(authority: Authority, *, linked: bool) -> list[Link]:
    """The path of an authority, root first. Only the operator has pages of authorities."""
    path: list[Authority] = []
    step: Authority | None = authority
    while step is not None:
        path.insert(0, step)
        step = step.parent
    return [
        Link(
            kind=one.get_level_display(),
            der=bytes(one.der),
            icon=ICONS["sub_ca" if one.parent_id else "root"],
            href=reverse("admin:pki_authority_change", args=[one.uuid]) if linked else "",
        )
        for one in path
    ]


def _order(issued: IssuedCertificate) -> Card:
    facts = [
        Fact(label=_("Profile"), value=issued.profile, code=True),
        Fact(label=_("Owner"), value=issued.owner.name if issued.owner else ""),
        Fact(label=_("Ordered"), value=display.moment(issued.intended_at)),
        Fact(label=_("Serial number"), value=certificates.hexadecimal(issued.serial), code=True),
        Fact(label=_("Valid until"), value=display.date_cell(issued.not_after)),
    ]
    if issued.revoked_at:
        revoked = display.moment(issued.revoked_at)
        facts.append(Fact(label=_("Revoked"), value=revoked, note=_why(issued)))
    return FactsCard(title=_("Order"), facts=tuple(facts))


def _why(issued: IssuedCertificate) -> Text:
    return REASONS[RevocationReason(issued.reason)] if issued.reason else ""


def _authority_facts(authority: Authority) -> Card:
    issues = _("Yes") if authority.active else _("No, it only answers for what it issued")
    return FactsCard(
        title=_("Authority"),
        facts=(
            Fact(label=_("Purpose"), value=authority.get_purpose_display()),
            Fact(label=_("Issues"), value=issues),
            Fact(label=_("Created"), value=display.moment(authority.created_at)),
        ),
    )


def _sub_ca_facts(sub_ca: SubCa) -> Card:
    return certificates.facts_card(sub_ca.der)
