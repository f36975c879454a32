"""What a person types to let a root in."""

from django import forms
from django.utils.translation import gettext_lazy as _

MAX_FINGERPRINT = 200
"""Characters: 64 digits, and room for colons and spaces."""


class FingerprintForm(forms.Form):
    """The second pair of eyes. The service compares; here only the length is bounded."""

    fingerprint = forms.CharField(
        label=_("SHA-256 fingerprint, as you received it over a second channel"),
        help_text=_(
            "By telephone, from a letter or from the issuer's own page. Spaces, colons and "
            "small letters do not matter."
        ),
        max_length=MAX_FINGERPRINT,
        error_messages={"required": _("Type the fingerprint that you received.")},
        widget=forms.TextInput(
            attrs={
                "class": "pp-input pp-code",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
