"""What people do to a certificate of ours: renew it, revoke it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.actor import Actor
from apps.core.errors import Invalid
from apps.core.web import certificates
from apps.core.web.actions import ActionPage
from apps.core.web.counting import amount
from apps.core.web.display import date_cell
from apps.core.web.pages import Fact, Text
from apps.participants import rights
from apps.participants.rights import Operation
from apps.pki import dependants, prospects, services
from apps.pki.forms import RevocationForm
from apps.pki.labels import LABELS
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.pki.signing_forms import KINDS as ASKED
from apps.pki.signing_forms import RenewalForm, label_of

SHOWN_DIGITS: Final = 8
"""Hexadecimal digits at the end of the serial number that confirm."""

KINDS: Final = tuple((LABELS[key].profile.name, words[0]) for key, words in ASKED.items())
"""The profiles that certificates are asked for with, in words."""

_SENTENCES: Final[Mapping[str, Callable[[int], str]]] = {
    "contracts": lambda count: ngettext(
        "%(count)s running contract ends.", "%(count)s running contracts end.", count
    ),
    "contract data": lambda count: ngettext(
        "%(count)s signed bundle of contract data is no longer handed out.",
        "%(count)s signed bundles of contract data are no longer handed out.",
        count,
    ),
    "vehicles": lambda count: ngettext(
        "%(count)s vehicle leaves the pool.", "%(count)s vehicles leave the pool.", count
    ),
}


class Renew(ActionPage):
    """A new certificate for the same name and a new key, for the organisation that has one."""

    key = "re-enrol"
    label = _("Renew")
    title = _("Renew this certificate?")
    lead = _(
        "Make a new key where the certificate is used, and hand in its signing request for the "
        "same common name. The certificate here stays valid until its end or until you revoke it."
    )
    done = _("%(name)s is renewed. Download the new certificate here and install it.")
    late = _("Only a valid certificate can be renewed. Request a new one.")
    tone = "primary"
    form = RenewalForm
    fields = dict.fromkeys(("other_subject", "breaks_profile"), "pasted")

    def may(self, issued: IssuedCertificate, viewer: Actor) -> bool:
        label = label_of(issued.profile)
        is_own = issued.owner_id is not None and issued.owner_id == viewer.organization_id
        return label is not None and is_own and rights.may(viewer, label.operation)

    def fits(self, issued: IssuedCertificate) -> bool:
        is_issued = issued.state == IssuedCertificate.State.ISSUED
        return is_issued and issued.not_before <= timezone.now() <= issued.not_after

    def name(self, issued: IssuedCertificate) -> str:
        return issued.common_name

    def facts(self, issued: IssuedCertificate) -> tuple[Fact, ...]:
        return (
            Fact(label=_("Common name"), value=issued.common_name, code=True, copy=True),
            Fact(label=_("Issued by"), value=str(issued.authority)),
            Fact(label=_("Valid until"), value=date_cell(issued.not_after)),
        )

    def run(self, actor: Actor, issued: IssuedCertificate, typed: Mapping[str, Any]) -> str:
        label = label_of(issued.profile)
        if label is None:
            raise Invalid("not_enrolled", "Certificates of this kind are not renewed here.")
        made = services.re_enrol(
            actor=actor,
            label=label,
            version=typed["found"].version,
            csr=typed["csr"],
            client_certificate=bytes(issued.der or b""),
            once=typed["once"],
        )
        return prospects.address_of(made)


class Revoke(ActionPage):
    """For the organisation it was issued to, and for the operator, who issues."""

    key = "revoke"
    label = _("Revoke")
    title = _("Revoke this certificate?")
    lead = _("From now on nobody accepts it. It cannot be taken back.")
    done = _(
        "%(name)s was revoked. OCSP says so from now on, and the next revocation list names it."
    )
    late = _("This certificate is revoked or has expired already.")
    form = RevocationForm
    fields = {"reason": "reason"}
    typed = _("To confirm, type the last 8 characters of the serial number")
    fresh = True

    def may(self, issued: IssuedCertificate, viewer: Actor) -> bool:
        operation = Operation.CERTIFICATES_REVOKE
        return rights.may_on(viewer, operation, organization_id=issued.owner_id)

    def fits(self, issued: IssuedCertificate) -> bool:
        is_issued = issued.state == IssuedCertificate.State.ISSUED
        return is_issued and issued.not_after > timezone.now()

    def expected(self, issued: IssuedCertificate) -> str:
        return bytes(issued.serial).hex()[-SHOWN_DIGITS:]

    def name(self, issued: IssuedCertificate) -> str:
        return issued.common_name

    def facts(self, issued: IssuedCertificate) -> tuple[Fact, ...]:
        serial = certificates.hexadecimal(issued.serial)
        owner = issued.owner
        return (
            *((Fact(label=_("Owner"), value=owner.name),) if owner else ()),
            Fact(label=_("Issued by"), value=str(issued.authority)),
            Fact(label=_("Serial number"), value=serial, code=True),
        )

    def follows(self, issued: IssuedCertificate) -> tuple[Text, ...]:
        counted = [
            _SENTENCES[what](found.size) % {"count": found.text}
            for what, rows in dependants.of(issued).items()
            if (found := amount(rows)).counted
        ]
        return (*_authority(issued), *counted) or (_("No contract or vehicle hangs on it."),)

    def run(self, actor: Actor, issued: IssuedCertificate, typed: Mapping[str, Any]) -> None:
        services.revoke_by_fingerprint(
            actor=actor,
            fingerprints=[bytes(issued.fingerprint or b"")],
            reason=RevocationReason(typed["reason"]),
        )


def _authority(issued: IssuedCertificate) -> tuple[Text, ...]:
    fingerprint = bytes(issued.fingerprint or b"")
    if not Authority.objects.filter(fingerprint=fingerprint).exists():
        return ()
    return (_("This authority issues no more, and what is below it is no longer accepted."),)
