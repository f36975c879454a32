"""What a stored chain is worth now: path, validity and revocation, with the rule that fails.

For pages. Nothing is fetched: the status is the stored one, as for reads of the pools.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.core.web.certificates import PASSED, Link, status_check
from apps.core.web.display import Badge, moment
from apps.core.web.pages import Check, ChecksCard, Tab
from apps.core.web.refusals import in_words, told
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
    return tab_of(card)


def tab_of(card: ChecksCard) -> Tab:
    """The tab that holds what is checked now."""
    return Tab(key="checks", title=_("Checks"), cards=(card,))


def judged(find: Callable[[], CheckedChain], at: datetime) -> tuple[Check, ...]:
    """Look at the path that `find` finds, its validity, and what is stored of its status.

    `find` raises CertificateError or ChainError. The first rule that fails is named; what comes
    behind it was not looked at.
    """
    try:
        path = find()
    except (CertificateError, ChainError) as error:
        return (failed(PATH, error), *unreached(VALIDITY, REVOCATION))
    name = path.root.certificate.common_name or path.root.label
    reached = passed(PATH, _("Signed step by step up to %(root)s.") % {"root": name})
    try:
        chains.check_validity(path, at)
    except ChainError as error:
        return (reached, failed(VALIDITY, error), *unreached(REVOCATION))
    valid = passed(VALIDITY, _("Every certificate is valid now."))
    return (reached, valid, *_revocation(path, at))


def passed(name: str | Promise, line: str) -> Check:
    """A check that went well, and what it found."""
    return Check(name=name, badge=PASSED, line=line)


def failed(
    name: str | Promise, error: DomainError | CertificateError | ChainError, badge: Badge = FAILED
) -> Check:
    """A check that failed, in words, with the stable name of its rule."""
    code = getattr(error, "code", "malformed")
    line = _("%(why)s. Rule: %(rule)s") % {
        "why": in_words(error).removesuffix("."),
        "rule": code,
    }
    return Check(name=name, badge=badge, line=line)


def unreached(*names: str | Promise) -> tuple[Check, ...]:
    """Checks that were not looked at, as one before them failed."""
    return tuple(Check(name=name, badge=NOT_REACHED) for name in names)


def _checks(
    chain: Sequence[bytes], profile: Profile, version: IsoVersion, at: datetime
) -> tuple[Check, ...]:
    def find() -> CheckedChain:
        leaf, *sub_cas = [Certificate.from_der(der) for der in chain]
        return chains.find_path(leaf, sub_cas, roots.anchors(), profile=profile, version=version)

    return judged(find, at)


def _revocation(path: CheckedChain, at: datetime) -> tuple[Check, ...]:
    root = roots.trusted(path.root.certificate.fingerprint)
    if root is None:
        line = _("The root of this chain is not trusted any more.")
        return (Check(name=REVOCATION, badge=FAILED, line=line),)
    try:
        found = status.stored(path, policy=root.policy, at=at)
    except Invalid as error:
        badge = FAILED if error.code == "revoked" else NOT_KNOWN
        return (failed(REVOCATION, error, badge),)
    names = {
        certificate.fingerprint: label.removeprefix("The ") for label, certificate in path.labelled
    }
    return tuple(
        status_check(told(names[one.fingerprint]), one.source.value, one.this_update)
        for one in found
    )
