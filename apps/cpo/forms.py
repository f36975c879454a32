"""What CPO staff type."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Invalid
from apps.core.web.refusals import in_words
from apps.cpo import inspector
from v2g import exi

MAX_FILE: Final = exi.MAX_SIZE


class MessageForm(forms.Form):
    """An EXI message as text or as a file; `found` is what was read."""

    typed = forms.CharField(
        label=_("Message"),
        help_text=_("Base64 or hexadecimal digits, as they stand in a log or a request."),
        required=False,
        max_length=inspector.MAX_TYPED,
        widget=forms.Textarea(
            attrs={
                "class": "pp-input pp-code",
                "rows": 8,
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
    )
    file = forms.FileField(
        label=_("Or a file"),
        help_text=_(
            "The EXI octets themselves, or a text file. Where a file is chosen, it counts."
        ),
        required=False,
        widget=forms.FileInput(attrs={"class": "pp-input pp-file"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read the message into `found`."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        file = cleaned.get("file")
        try:
            cleaned["found"] = inspector.read(_stream(file, cleaned["typed"]))
        except Invalid as error:
            raise ValidationError({"file" if file else "typed": in_words(error)}) from error
        return cleaned


def _stream(file: Any, typed: str) -> bytes:
    """Octets of a file count as they are; a file that is text counts as what the text says."""
    if not file:
        stream = inspector.octets_of(typed)
        if not stream:
            raise Invalid("empty", gettext("Paste a message or choose a file."))
        return stream
    if file.size > MAX_FILE:
        raise Invalid("too_large", gettext("A message has at most 64 kB."))
    octets: bytes = file.read(MAX_FILE + 1)
    try:
        return inspector.octets_of(octets.decode("ascii"))
    except (UnicodeDecodeError, Invalid):
        return inspector.octets_of(octets)
