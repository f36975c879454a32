"""What a signing request would become, in words."""

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.web import certificates, display
from apps.core.web.pages import Fact, FactsCard, Page, Tab
from apps.pki.labels import Label
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from apps.pki.services import Prospect


def page_of(found: Prospect, label: Label) -> Page:
    """The certificate that would be issued, and what there is already."""
    term = found.term
    facts = (
        Fact(
            label=_("Common name"), value=found.request.common_name, code=True, note=_whose(label)
        ),
        Fact(label=_("Kind"), value=label.profile.name, note=found.version.value),
        Fact(label=_("Key"), value=certificates.algorithm(found.request.curve)),
        Fact(label=_("SHA-256 of the public key"), value=_key_hash(found), code=True, copy=True),
        Fact(label=_("Issued by"), value=str(term.authority)),
        Fact(label=_("Valid from"), value=display.moment(term.begins)),
        Fact(label=_("Valid until"), value=display.date_cell(term.ends)),
    )
    card = FactsCard(
        title=_("What is issued"), note=_("from the request and the profile"), facts=facts
    )
    return Page(
        heading=found.request.common_name,
        code=True,
        alert=_already(found),
        line=_approval(label),
        tabs=(Tab(key="certificate", title=_("Certificate"), cards=(card,)),),
    )


def address_of(made: IssuedCertificate | EnrolmentRequest) -> str:
    """Return the page of what an order became."""
    if isinstance(made, IssuedCertificate):
        return reverse("admin:pki_issuedcertificate_change", args=[made.pk])
    return reverse("admin:pki_enrolmentrequest_change", args=[made.uuid])


def _whose(label: Label) -> str:
    if label.fixed_name:
        return _("made from the name of your organisation")
    return _("belongs to your organisation")


def _key_hash(found: Prospect) -> str:
    spki = found.request.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificates.hexadecimal(hashlib.sha256(spki).digest())


def _already(found: Prospect) -> str:
    if found.newest is None:
        return ""
    return _(
        "A certificate for this name is valid until %(day)s. It stays valid beside this one."
    ) % {"day": display.day(found.newest.not_after)}


def _approval(label: Label) -> str:
    if not label.approved:
        return _("The request is signed with its own key and can be issued.")
    return _("The operator decides about this request. The certificate is issued after that.")
