"""What people type about certificates of ours."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.web.actions import ActionForm
from apps.core.web.pages import Text
from apps.pki.models import Authority, RevocationReason

Reason = RevocationReason

REASONS: Final[dict[Reason, Text]] = {
    Reason.KEY_COMPROMISE: _("The private key may be known to others (keyCompromise)"),
    Reason.CA_COMPROMISE: _("The private key of the CA may be known to others (cACompromise)"),
    Reason.SUPERSEDED: _("Another certificate takes its place (superseded)"),
    Reason.CESSATION: _("It is no longer needed (cessationOfOperation)"),
    Reason.AFFILIATION_CHANGED: _("The name or organisation has changed (affiliationChanged)"),
    Reason.PRIVILEGE_WITHDRAWN: _("The right to it was withdrawn (privilegeWithdrawn)"),
    Reason.UNSPECIFIED: _("Another reason (unspecified)"),
}
"""The reasons of RFC 5280 5.3.1 in words, the one that hurries first."""


class RevocationForm(ActionForm):
    """Why a certificate is revoked; relying parties read the reason in the CRL."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        help_text=_("It stands in the revocation list, for everybody to read."),
        widget=forms.Select(attrs={"class": "pp-input"}),
        error_messages={"required": _("Choose the reason.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fingerprint = bytes(self.row.fingerprint or b"")
        is_authority = Authority.objects.filter(fingerprint=fingerprint).exists()
        offered = [one for one in REASONS if is_authority or one != Reason.CA_COMPROMISE]
        choices = [("", _("Choose one")), *((one.value, REASONS[one]) for one in offered)]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
