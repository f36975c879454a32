"""What a stored chain is worth now: path, validity and revocation, with the rule that fails.

For pages. Nothing is fetched: the status is the stored one, as for reads of the pools.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actor import Actor
from apps.core.errors import Invalid
from apps.core.web.certificates import PASSED, Link
from apps.core.web.display import Badge, moment
from apps.core.web.pages import Check, ChecksCard, Tab
from apps.core.web.refusals import in_words
from apps.pki import selectors as pki
from apps.pki import status
from apps.pki.models import IssuedCertificate
from apps.root_pool import selectors as roots
from v2g.errors import CertificateError, ChainError
from v2g.pki import chains
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain
from v2g.pki.profiles import LEAVES, VEHICLE_LEAF, Profile
from v2g.protocol import IsoVersion

FAILED: Final = Badge(gettext_lazy("Failed"), "danger")
NOT_KNOWN: Final = Badge(gettext_lazy("Not known"), "warning")
NOT_REACHED: Final = Badge(gettext_lazy("Not looked at"), "default")
PATH: Final = gettext_lazy("Path to a trusted root")
VALIDITY: Final = gettext_lazy("Validity")
REVOCATION: Final = gettext_lazy("Revocation")
_PROFILES: Final = {profile.name: profile for profile in (*LEAVES.values(), VEHICLE_LEAF)}


def now_card(chain: Sequence[bytes], *, profile: Profile, version: IsoVersion) -> ChecksCard:
    """Check a chain (DER: leaf, Sub2, Sub1) at this moment; the first rule that fails is named."""
    at = timezone.now()
    return ChecksCard(
        title=_("Checks now"), note=moment(at), checks=_checks(chain, profile, version, at)
    )


def links_card(links: Sequence[Link], *, profile: Profile, namespace: str) -> ChecksCard:
    """The same for a chain as pages hold it, its root first."""
    chain = [link.der for link in reversed(links[1:])]
    return now_card(chain, profile=profile, version=IsoVersion.parse(namespace))


def issued_tab(issued: IssuedCertificate, viewer: Actor) -> Tab | None:
    """The same for a certificate of ours; None for those that are no leaf of a profile."""
    profile = _PROFILES.get(issued.profile)
    if profile is None or not issued.der:
        return None
    sub_cas = [found.der for found in pki.path_of(issued.authority)[:-1]]
    card = now_card(
        [bytes(issued.der), *sub_cas], profile=profile, version=issued.authority.version
    )
    return Tab(key="checks", title=_("Checks"), cards=(card,))


def _checks(
    chain: Sequence[bytes], profile: Profile, version: IsoVersion, at: datetime
) -> tuple[Check, ...]:
    try:
        leaf, *sub_cas = [Certificate.from_der(der) for der in chain]
        path = chains.find_path(leaf, sub_cas, roots.anchors(), profile=profile, version=version)
    except (CertificateError, ChainError) as error:
        return (_failed(PATH, error), *_unreached(VALIDITY, REVOCATION))
    name = path.root.certificate.common_name or path.root.label
    reached = Check(
        name=PATH, badge=PASSED, line=_("Signed step by step up to %(root)s.") % {"root": name}
    )
    try:
        chains.check_validity(path, at)
    except ChainError as error:
        return (reached, _failed(VALIDITY, error), *_unreached(REVOCATION))
    valid = Check(name=VALIDITY, badge=PASSED, line=_("Every certificate is valid now."))
    return (reached, valid, _revocation(path, at))


def _revocation(path: CheckedChain, at: datetime) -> Check:
    root = roots.trusted(path.root.certificate.fingerprint)
    if root is None:
        line = _("The root of this chain is not trusted any more.")
        return Check(name=REVOCATION, badge=FAILED, line=line)
    try:
        status.stored(path, policy=root.policy, at=at)
    except Invalid as error:
        badge = FAILED if error.code == "revoked" else NOT_KNOWN
        return Check(name=REVOCATION, badge=badge, line=in_words(error))
    line = _("None of the certificates is revoked, as far as is stored.")
    return Check(name=REVOCATION, badge=PASSED, line=line)


def _failed(name: str | Promise, error: CertificateError | ChainError) -> Check:
    code = getattr(error, "code", "malformed")
    line = _("%(why)s. Rule: %(rule)s") % {"why": in_words(error), "rule": code}
    return Check(name=name, badge=FAILED, line=line)


def _unreached(*names: str | Promise) -> tuple[Check, ...]:
    return tuple(Check(name=name, badge=NOT_REACHED) for name in names)
