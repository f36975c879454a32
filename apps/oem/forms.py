"""What a person gives to upload certificates."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.core.web.refusals import in_words
from apps.oem.files import File
from v2g.errors import IdError
from v2g.ids import Pcid

ACCEPTED: Final = ".pem,.crt,.cer,.der,.p7b,.p7c,.p12,.pfx,.zip,.txt"
MAX_PASSWORD: Final = 256


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; how many and how large is bounded where they are received."""

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        given: list[UploadedFile[Any]] = data if isinstance(data, list) else []
        if not given:
            super().clean(None, initial)
        for one in given:
            super().clean(one, initial)
        return [File(one.name or "", one.read()) for one in given]


class UploadForm(forms.Form):
    """Files, and the password of those that have one; `pcid` where one vehicle is renewed."""

    certificates = ManyFilesField(
        label=_("Files"),
        help_text=_("PEM, DER, P7B, P12, or a ZIP of many. Up to 20 MB and 20,000 certificates."),
        allow_empty_file=True,
        error_messages={"required": _("Choose the files with the certificates.")},
        widget=ManyFilesInput(attrs={"class": "pp-drop__input", "accept": ACCEPTED}),
    )
    password = forms.CharField(
        label=_("Password of P12 files"),
        help_text=_("Only if there are any. It is used once and not stored."),
        required=False,
        strip=False,
        max_length=MAX_PASSWORD,
        widget=forms.PasswordInput(attrs={"class": "pp-input", "autocomplete": "off"}),
    )
    pcid = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput())

    def clean_pcid(self) -> Pcid | None:
        text = self.cleaned_data["pcid"]
        try:
            return Pcid.parse(text) if text else None
        except IdError as error:
            raise forms.ValidationError(in_words(error)) from error


class ImportForm(forms.Form):
    """Whether it is meant that contracts end."""

    rekeys = forms.BooleanField(required=False)
