"""Certificates on pages: the decoded content, the chain from its root, the record of checks.

Everything is read from the stored octets, never from what a party wrote beside them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.web.display import ENDLESS_YEAR, Badge, date_cell, day, moment, validity
from apps.core.web.downloads import CertificateFiles
from apps.core.web.pages import ChainCard, ChainNode, Check, ChecksCard, Fact, FactsCard, Value
from apps.core.web.refusals import in_words, told
from v2g.errors import CertificateError
from v2g.pki.certificate import Certificate

Text = str | Promise

ALGORITHMS: Final = {
    "secp256r1": "ECDSA P-256",
    "secp384r1": "ECDSA P-384",
    "secp521r1": "ECDSA P-521",
    "ed448": "Ed448",
}
PASSED: Final = Badge(gettext_lazy("Passed"), "success")
NOT_ASKED: Final = Badge(gettext_lazy("Not asked"), "warning")
RULES: Final[dict[str, tuple[Text, Text]]] = {
    "path": (
        gettext_lazy("Path"),
        gettext_lazy("The sub-CAs led to a root of the pool."),
    ),
    "signature": (
        gettext_lazy("Signatures"),
        gettext_lazy("Every certificate is signed by the one above it, up to a root of the pool."),
    ),
    "role": (
        gettext_lazy("Role"),
        gettext_lazy("Name, domain and key usage are those of its kind."),
    ),
    "curve": (
        gettext_lazy("Keys"),
        gettext_lazy("All keys and signatures are of its generation of ISO 15118."),
    ),
    "validity": (
        gettext_lazy("Validity"),
        gettext_lazy("Every certificate was valid at that time."),
    ),
}
"""The checks of `v2g.pki.chains` by their names, as they are kept with what was accepted."""
ICONS: Final = {"root": "account_balance", "sub_ca": "account_tree", "leaf": "badge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One stored certificate of a chain: what it is called, its octets, where its page is.

    `badge` stands in place of the validity, where more is known.
    """

    kind: Text
    der: bytes
    icon: str = ICONS["sub_ca"]
    href: str = ""
    badge: Badge | None = None


def algorithm(curve: str) -> str:
    """Name a key by its algorithm and curve."""
    return ALGORITHMS.get(curve, curve)


def hexadecimal(octets: bytes | memoryview | None) -> str:
    """Octets as pairs of hexadecimal digits, parted by colons."""
    return bytes(octets).hex(":").upper() if octets else ""


def chain_card(links: Sequence[Link]) -> ChainCard:
    """Draw a chain that is given root first; the last certificate is the shown one."""
    below: ChainNode | None = None
    for link in reversed(links):
        below = _node(link, below, current=below is None)
    assert below is not None  # noqa: S101  a chain has at least one certificate
    return ChainCard(
        title=_("Certificate chain"), note=_("from the root to this certificate"), root=below
    )


def files(links: Sequence[Link]) -> CertificateFiles:
    """The certificates of a chain that is given root first, to take away."""
    return CertificateFiles(tuple(link.der for link in links))


def facts_card(
    der: bytes | memoryview, *, title: Text | None = None, fingerprint: bool = True
) -> FactsCard:
    """Show what stands in a certificate; its fingerprint only where nobody is asked for it."""
    heading = title or _("Certificate")
    try:
        found = Certificate.from_der(bytes(der))
    except CertificateError as error:
        return FactsCard(
            title=heading, facts=(Fact(label=_("Not readable"), value=in_words(error)),)
        )
    facts = [*_names(found), *_times(found), *_key(found)]
    if fingerprint:
        facts.append(_fingerprint(found))
    return FactsCard(title=heading, facts=tuple(facts))


def checks_card(record: Mapping[str, Any], names: Mapping[str, Text], at: datetime) -> ChecksCard:
    """Show the record that was kept when a chain was accepted.

    `names` maps SHA-256 fingerprints (hex) to what the certificates are called.
    """
    rules = tuple(
        Check(name=RULES[name][0], badge=PASSED, line=RULES[name][1])
        for name in dict.fromkeys(_passed_rules(record))
        if name in RULES
    )
    found = tuple(_status(answer, names) for answer in _answers(record))
    return ChecksCard(
        title=_("Checks when it was stored"),
        note=moment(at),
        checks=(*rules, *found),
        empty=_("No record of checks was kept with this row."),
    )


def status_check(name: Text, source: str, published: datetime | None) -> Check:
    """Say what the status answer of a certificate was, who gave it (`crl`, `ocsp`, `own`), when."""
    texts = {
        "crl": _("Not on the revocation list of its issuer."),
        "ocsp": _("The OCSP responder answered «good»."),
        "own": _("Issued here and not revoked."),
    }
    line: Value = texts.get(source, _("It names no revocation service, and its root allows that."))
    if published:
        line = format_html(_("{answer} As of {time}."), answer=line, time=moment(published))
    badge = PASSED if source in texts else NOT_ASKED
    return Check(name=_("Revocation: %(name)s") % {"name": name}, badge=badge, line=line)


def _node(link: Link, below: ChainNode | None, *, current: bool) -> ChainNode:
    try:
        found = Certificate.from_der(link.der)
    except CertificateError as error:
        badge = Badge(_("Not readable"), "danger")
        return ChainNode(
            name=link.kind, line=in_words(error), icon=link.icon, badge=badge, below=below
        )
    line = _("%(kind)s · %(algorithm)s · until %(day)s") % {
        "kind": link.kind,
        "algorithm": algorithm(found.curve),
        "day": day(found.not_after),
    }
    return ChainNode(
        name=found.common_name or str(found.subject),
        line=line,
        icon=link.icon,
        badge=link.badge or validity(found.not_before, found.not_after),
        current=current,
        href="" if current else link.href,
        passed=_passed(found.not_before, found.not_after),
        below=below,
    )


def _passed(not_before: datetime, not_after: datetime) -> int | None:
    if not_after.year >= ENDLESS_YEAR or not_after <= not_before:
        return None
    share = (timezone.now() - not_before) / (not_after - not_before)
    return round(100 * min(max(share, 0), 1))


def _names(found: Certificate) -> Iterator[Fact]:
    yield Fact(label=_("Subject"), value=str(found.subject))
    yield Fact(label=_("Issuer"), value=str(found.issuer))
    serial = hexadecimal(found.serial_octets)
    yield Fact(label=_("Serial number"), value=serial, code=True, copy=True)


def _times(found: Certificate) -> Iterator[Fact]:
    yield Fact(label=_("Valid from"), value=moment(found.not_before))
    yield Fact(label=_("Valid until"), value=date_cell(found.not_after))


def _key(found: Certificate) -> Iterator[Fact]:
    extensions = found.extensions
    yield Fact(label=_("Key"), value=algorithm(found.curve))
    yield Fact(label=_("Signature"), value=_signature(found))
    usage = ", ".join(sorted(extensions.key_usage or ()))
    yield Fact(label=_("Key usage"), value=usage)
    yield Fact(label=_("Authority"), value=_authority(extensions.is_ca, extensions.path_length))
    for label, octets in (
        (_("Key identifier"), extensions.subject_key_id),
        (_("Issuer's key identifier"), extensions.authority_key_id),
    ):
        yield Fact(label=label, value=hexadecimal(octets), code=True)
    yield Fact(label=_("Revocation list"), value=", ".join(extensions.crl_urls))
    yield Fact(label=_("OCSP responder"), value=", ".join(extensions.ocsp_urls))
    if found.encoding_fault:
        yield Fact(label=_("Encoding"), value=told(found.encoding_fault))


def _fingerprint(found: Certificate) -> Fact:
    value = hexadecimal(found.fingerprint)
    return Fact(label=_("SHA-256 fingerprint"), value=value, code=True, copy=True)


def _signature(found: Certificate) -> str:
    return found.signature_hash.upper().replace("SHA", "SHA-") or _("without hash")


def _authority(is_ca: bool | None, path_length: int | None) -> str:
    if not is_ca:
        return _("No, an end certificate")
    if path_length is None:
        return _("Yes, without a limit of depth")
    if path_length == 0:
        return _("Yes, with no authority below")
    return ngettext(
        "Yes, with at most %(count)s authority below",
        "Yes, with at most %(count)s authorities below",
        path_length,
    ) % {"count": path_length}


def _passed_rules(record: Any) -> Iterator[str]:
    """Find the names of the rules in a record, whatever it is grouped by."""
    if isinstance(record, Mapping):
        yield from map(str, record.get("passed", ()))
        record = list(record.values())
    if isinstance(record, list):
        for part in record:
            yield from _passed_rules(part)


def _answers(record: Any) -> Iterator[Mapping[str, Any]]:
    """Find the status answers in a record, whatever they are grouped by."""
    if isinstance(record, Mapping):
        if "sha256" in record and "by" in record:
            yield record
            return
        record = list(record.values())
    if isinstance(record, list):
        for part in record:
            yield from _answers(part)


def _status(answer: Mapping[str, Any], names: Mapping[str, Text]) -> Check:
    fingerprint = str(answer["sha256"])
    name = names.get(fingerprint, fingerprint[:16])
    published = parse_datetime(str(answer.get("this", "")))
    return status_check(name, str(answer["by"]), published)
