"""A signing request as people hand it in: pasted or as a file, looked at before it counts."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.errors import DomainError, Unavailable
from apps.core.web.actions import ActionForm
from apps.core.web.pages import Text
from apps.core.web.refusals import in_words
from apps.participants import rights
from apps.pki import services
from apps.pki.labels import LABELS, Label
from v2g.pki.csr import MAX_SIZE

KINDS: Final[dict[str, tuple[Text, Text]]] = {
    "cpo": (
        _("Charge point (SECC)"),
        _("The common name is an EVSE id or SECC id with your operator id, as DE*ABC*E12345."),
    ),
    "mo": (
        _("Contract"),
        _("The common name is an EMAID with your provider id, as DEABCC123456785."),
    ),
    "oem": (
        _("Vehicle, provisioning certificate"),
        _("The common name is a PCID with your WMI, 17 or 18 characters."),
    ),
    "veh": (
        _("Vehicle, ISO 15118-20"),
        _("The common name is an EVCC id with your WMI. The key is on secp521r1."),
    ),
    "cps": (
        _("Signer of contract data (CPS)"),
        _("The common name is made from the name of your organisation. The operator approves."),
    ),
}
"""What people may ask for, by the label of EST, and which name it takes."""

_PASTED: Final = forms.Textarea(
    attrs={"class": "pp-input pp-code", "rows": 10, "spellcheck": "false", "autocomplete": "off"}
)
_FILE: Final = forms.FileInput(attrs={"class": "pp-input pp-file"})


def kinds_for(viewer: Actor) -> list[str]:
    """Return the labels that the viewer may ask for."""
    return [key for key in KINDS if rights.may(viewer, LABELS[key].operation)]


def label_of(profile: str) -> Label | None:
    """Return what certificates of a profile are enrolled as; None for those that are not."""
    return next((LABELS[key] for key in KINDS if LABELS[key].profile.name == profile), None)


class CsrFields(forms.Form):
    """The two ways to hand a request in. `look` gets its octets and its outcome is `found`."""

    pasted = forms.CharField(
        label=_("Signing request (CSR)"),
        help_text=_("PEM as it stands in the file, or base64. The private key stays with you."),
        required=False,
        max_length=2 * MAX_SIZE,
        widget=_PASTED,
    )
    file = forms.FileField(
        label=_("Or a file"),
        help_text=_("PEM or DER, at most 16 KB. Where a file is chosen, it counts."),
        required=False,
        widget=_FILE,
        error_messages={"empty": _("The file is empty.")},
    )

    def read(self, cleaned: dict[str, Any], look: Callable[[bytes], object]) -> None:
        """Put octets and outcome into the cleaned data; what is refused stands at its field."""
        file = cleaned.get("file")
        octets = file.read(MAX_SIZE + 1) if file else cleaned.get("pasted", "").strip().encode()
        if not octets:
            raise ValidationError({"pasted": gettext("Paste the request or choose a file.")})
        try:
            cleaned["csr"], cleaned["found"] = octets, look(octets)
        except Unavailable as error:
            raise ValidationError(in_words(error)) from error
        except DomainError as error:
            raise ValidationError({"file" if file else "pasted": in_words(error)}) from error


class SigningRequestForm(CsrFields):
    """A request for a new certificate; `found` says what would be issued."""

    kind = forms.ChoiceField(label=_("Certificate for"), widget=forms.RadioSelect)
    field_order = ("kind", "pasted", "file")

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, kinds = viewer, kinds_for(viewer)
        kind = self.fields["kind"]
        kind.choices = [(key, KINDS[key][0]) for key in kinds]  # type: ignore[attr-defined]  # a ChoiceField
        kind.initial = kinds[0] if kinds else None
        if len(kinds) == 1:
            kind.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            label = LABELS[cleaned["kind"]]
            self.read(
                cleaned, lambda csr: services.look_at(actor=self.viewer, label=label, csr=csr)
            )
        return cleaned


class OrderForm(SigningRequestForm):
    """The same once more, with what makes a second press harmless."""

    once = forms.UUIDField()


class RenewalForm(CsrFields, ActionForm):
    """A request with a new key for the name of a certificate that there is."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        label = label_of(self.row.profile)
        if label is not None and not self.errors:
            self.read(
                cleaned, lambda csr: services.look_at(actor=self.viewer, label=label, csr=csr)
            )
        return cleaned
