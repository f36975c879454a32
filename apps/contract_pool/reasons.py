"""Why a request for contract data was refused, in words: what it means, and what helps.

The codes are those that `services.install` and `services.provide` note with a Delivery.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.web.filters import ChoiceFilter

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Reason:
    """A few words for lists, a sentence for the page, and what to do about it.

    `key` stands in addresses for all `codes` of one meaning.
    """

    key: str
    codes: tuple[str, ...]
    short: Text
    sentence: Text
    repair: Text


ALL: Final[tuple[Reason, ...]] = (
    Reason(
        "no-contract",
        ("FAILED_NoCertificateAvailable", "contract_not_found"),
        _("No contract found"),
        _("The pool has no contract data for this vehicle that it could use now."),
        _(
            "Nothing is wrong with the charge point. The driver asks the mobility operator whether "
            "a contract was concluded for this PCID, and the car maker whether the vehicle is "
            "registered."
        ),
    ),
    Reason(
        "expired",
        ("FAILED_CertificateExpired", "expired"),
        _("Certificate expired"),
        _("The vehicle's certificate, or one above it, has expired."),
        _("The car maker has to renew the vehicle's certificate. Trying again does not help."),
    ),
    Reason(
        "revoked",
        ("FAILED_CertificateRevoked", "revoked"),
        _("Certificate revoked"),
        _("The vehicle's certificate, or another one that is needed, was revoked."),
        _("Only the car maker or the mobility operator can help. Tell the driver."),
    ),
    Reason(
        "chain",
        ("FAILED_CertChainError", "not_yet_valid"),
        _("Certificate not accepted"),
        _(
            "The vehicle's certificate is not the one that the pool knows for its PCID, or its "
            "chain does not count now."
        ),
        _(
            "The car maker has to publish the vehicle's current certificate. The message inspector "
            "shows which one the vehicle sent."
        ),
    ),
    Reason(
        "message",
        ("exi",),
        _("Message not readable"),
        _("What was sent is no CertificateInstallationReq of ISO 15118 in EXI."),
        _(
            "Check that the backend passes the message on unchanged, or ask the maker of the "
            "charge point for an update. The message inspector shows what is in it."
        ),
    ),
    Reason(
        "certificate",
        ("certificate",),
        _("Certificate not readable"),
        _("The certificate inside the request cannot be read."),
        _("Look at the message in the inspector and hand it to the car maker."),
    ),
    Reason(
        "signature",
        ("signature",),
        _("Signature wrong"),
        _("The request is not signed with the key of the vehicle's certificate."),
        _(
            "The message was changed on its way, or the vehicle signs wrongly. Check in the "
            "inspector that the backend passes it on unchanged."
        ),
    ),
    Reason(
        "root",
        ("unknown_root", "root_unknown"),
        _("Root not trusted"),
        _("A certificate chain ends in a root that is not trusted, or not any more."),
        _("Compare the roots in use with the trust store, and ask the operator of the pool."),
    ),
    Reason(
        "status",
        ("status_unknown",),
        _("Revocation not known"),
        _("Nobody could tell lately whether a certificate of the chain was revoked."),
        _("Try again later. Where it stays so, tell the operator of the pool."),
    ),
    Reason(
        "foreign",
        ("foreign_wmi",),
        _("Vehicle of another maker"),
        _("The vehicle's PCID belongs to another car maker."),
        _("Ask for vehicles of your own WMIs only."),
    ),
)
_BY_CODE: Final = {code: reason for reason in ALL for code in reason.codes}


def reason_of(code: str) -> Reason:
    """Return the words for a code; one that is new speaks for itself."""
    return _BY_CODE.get(code) or Reason(
        "",
        (code,),
        code,
        _("The request was refused."),
        _("Ask the operator of the pool and name the code."),
    )


class ReasonFilter(ChoiceFilter):
    """The refusals of one reason, whichever code stands for it."""

    title = _("Reason")
    parameters = ("reason",)
    options = tuple((reason.key, reason.short) for reason in ALL)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        codes = next((reason.codes for reason in ALL if reason.key == self.value), ())
        return queryset.filter(reason__in=codes) if codes else queryset
