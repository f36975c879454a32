"""What certificates that sign others are worth now: our authorities, sub-CAs of others, roots."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actor import Actor
from apps.core.web import certificates, display
from apps.core.web.certificates import ICONS, Link
from apps.core.web.display import Badge, moment
from apps.core.web.pages import ChainCard, Check, ChecksCard, Tab
from apps.pki import selectors as pki
from apps.pki import sub_cas
from apps.pki.models import Authority, SubCa
from apps.root_pool import selectors as roots
from apps.root_pool import verdict
from apps.root_pool.models import RootCertificate
from v2g.errors import CertificateError, ChainError
from v2g.pki import chains
from v2g.pki.anchors import RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain
from v2g.pki.profiles import LEAVES, SUB_CAS, Branch
from v2g.protocol import IsoVersion

TRUST: Final = gettext_lazy("Trust")
SIGNER: Final = gettext_lazy("Fit to be a root")
_FOREIGN: Final = (Branch.OEM, Branch.MO, Branch.CPS, Branch.CPO)
"""In the order in which sub-CAs of others are likely to serve."""


def authority_tab(authority: Authority, viewer: Actor) -> Tab:
    """Check a CA of ours at this moment."""
    at = timezone.now()
    if authority.parent is None:
        row = RootCertificate.objects.filter(fingerprint=bytes(authority.fingerprint)).first()
        checks = _of_root(authority.certificate, RootKind.V2G, row, at)
    else:
        found = pki.path_of(authority)[:-1]
        checks = verdict.judged(lambda: _path(found, Branch(authority.purpose)), at)
    return verdict.tab_of(_card(checks, at))


def sub_ca_tab(sub_ca: SubCa, viewer: Actor) -> Tab:
    """Draw the chain of a sub-CA of somebody else and check it at this moment."""
    at = timezone.now()
    found: list[CheckedChain] = []

    def find() -> CheckedChain:
        found.append(_foreign_path(sub_ca))
        return found[0]

    card = _card(verdict.judged(find, at), at)
    return replace(verdict.tab_of(card), cards=(*map(_tree, found), card))


def root_card(root: RootCertificate) -> ChecksCard:
    """Check a root of the pool at this moment: whether it can be one, is valid and is trusted."""
    at = timezone.now()
    return _card(_of_root(root.certificate, RootKind(root.root_type), root, at), at)


def _tree(path: CheckedChain) -> ChainCard:
    root = RootCertificate.objects.get(fingerprint=path.root.certificate.fingerprint)
    above = SubCa.objects.filter(fingerprint__in=[one.fingerprint for one in path.sub_cas])
    href = reverse("admin:root_pool_rootcertificate_change", args=[root.uuid])
    links = [Link(kind=_("Root"), der=bytes(root.der), icon=ICONS["root"], href=href)]
    for one in above:
        href = reverse("admin:pki_subca_change", args=[one.pk])
        links.append(Link(kind=_("Sub-CA 1"), der=bytes(one.der), href=href))
    kind = _("Sub-CA 2") if path.sub_cas else _("Sub-CA 1")
    return certificates.chain_card([*links, Link(kind=kind, der=path.leaf.der)])


def _card(checks: tuple[Check, ...], at: datetime) -> ChecksCard:
    return ChecksCard(title=_("Checks now"), note=moment(at), checks=checks)


def _path(found: list[Certificate], branch: Branch) -> CheckedChain:
    """The path of the first certificate as that of a leaf; ChainError where there is none."""
    version = _version(found[0])
    path = chains.check_sub_ca_path(found, roots.anchors(), profile=LEAVES[branch], version=version)
    profile = SUB_CAS[branch][len(found) - 1]
    return CheckedChain(profile, version, found[0], tuple(found[1:]), path.root, path.checks)


def _foreign_path(sub_ca: SubCa) -> CheckedChain:
    """Try each way up and each branch: a sub-CA does not say whose leaves stand below it."""
    this = Certificate.from_der(bytes(sub_ca.der))
    above = [one for one in sub_cas.named([this.issuer]) if this.is_signed_by(one.public_key)]
    ways = [[this], *([this, one] for one in above)]
    faults: list[ChainError] = []
    for way in ways if not above else reversed(ways):
        for branch in _FOREIGN:
            try:
                return _path(way, branch)
            except ChainError as error:
                faults.append(error)
    raise faults[0]


def _of_root(
    found: Certificate, kind: RootKind, row: RootCertificate | None, at: datetime
) -> tuple[Check, ...]:
    try:
        chains.check_root(found, kind, _version(found))
    except (CertificateError, ChainError) as error:
        return (
            verdict.failed(SIGNER, error),
            *verdict.unreached(verdict.VALIDITY, TRUST),
        )
    fit = verdict.passed(SIGNER, _("Signed by itself, and it may sign sub-CAs."))
    return (fit, _validity(found, at), _trust(row))


def _validity(found: Certificate, at: datetime) -> Check:
    if found.is_valid_at(at):
        return verdict.passed(verdict.VALIDITY, _("The certificate is valid now."))
    code = "expired" if at > found.not_after else "not_yet_valid"
    line = _("It does not count at this moment. Rule: %(rule)s") % {"rule": code}
    return Check(name=verdict.VALIDITY, badge=verdict.FAILED, line=line)


def _trust(row: RootCertificate | None) -> Check:
    if row is not None and roots.trusted(bytes(row.fingerprint)):
        return Check(name=TRUST, badge=certificates.PASSED, line=_confirmed(row))
    line = _("It does not stand in the pool of roots as trusted. Chains below it are refused.")
    badge = verdict.FAILED
    if row is not None and row.state == RootCertificate.State.SUBMITTED:
        badge = Badge(_("Waits"), "warning")
        line = _("A second person has to confirm it before chains below it count.")
    return Check(name=TRUST, badge=badge, line=line)


def _confirmed(row: RootCertificate) -> str:
    if row.confirmed_at is None:
        return _("It stands in the pool of roots.")
    return _("Two persons stand for it, the second one since %(day)s.") % {
        "day": display.day(row.confirmed_at)
    }


def _version(found: Certificate) -> IsoVersion:
    """The generation of ISO 15118 whose curve the key is on; all others belong to the newer one."""
    is_older = found.curve == IsoVersion.ISO_2.curve.name
    return IsoVersion.ISO_2 if is_older else IsoVersion.ISO_20
