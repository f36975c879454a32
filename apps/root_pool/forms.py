"""What a person types to let a root in."""

import base64
import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.root_pool.models import RootCertificate
from v2g.errors import CertificateError
from v2g.pki.certificate import Certificate

MAX_UPLOAD: Final = 8000
"""Octets or characters: a root of 4,000 octets as PEM, with room for words around it."""
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
MAX_FINGERPRINT: Final = 200
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


class SubmissionForm(forms.Form):
    """The first pair of eyes: a root as a file or as text, and what it is the root of."""

    root_type = forms.ChoiceField(
        label=_("Type"),
        choices=[("", _("Choose one")), *RootCertificate.Type.choices],
        widget=forms.Select(attrs={"class": "pp-input"}),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("PEM or DER, one certificate."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "pp-input pp-file"}),
    )
    pasted = forms.CharField(
        label=_("Or its text"),
        help_text=_("PEM. Where a file is chosen, the file counts."),
        required=False,
        max_length=MAX_UPLOAD,
        widget=forms.Textarea(
            attrs={"class": "pp-input pp-code", "rows": 8, "spellcheck": "false"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Read the certificate into `der`; a file that was read stays on the page as its text."""
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if self.errors:
            return cleaned
        try:
            given = _uploaded(file) if file else _decoded(cleaned["pasted"])
            cleaned["der"] = Certificate.from_der(given).der
        except (CertificateError, ValueError) as error:
            message = _("This is no certificate in PEM or DER.")
            raise ValidationError({"file" if file else "pasted": message}) from error
        if file:
            self.data = {**dict(self.data.items()), "pasted": base64.encodebytes(given).decode()}
        return cleaned


def _uploaded(file: Any) -> bytes:
    octets: bytes = file.read(MAX_UPLOAD) if file.size <= MAX_UPLOAD else b""
    is_der = octets[:1] == b"\x30"
    return octets if is_der else _decoded(octets.decode("ascii"))


def _decoded(text: str) -> bytes:
    """Return the octets of the one PEM block, or of base64 without its frame."""
    blocks = _PEM.findall(text) or [text]
    if len(blocks) > 1:
        raise ValueError("more than one certificate")
    return base64.b64decode("".join(blocks[0].split()), validate=True)
