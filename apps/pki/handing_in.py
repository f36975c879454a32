"""What the operator's staff bring back from the ceremony of a root whose key is kept elsewhere."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.actions import ActionForm, ActionPage
from apps.core.web.pages import Fact, Text
from apps.participants import rights
from apps.participants.rights import Operation
from apps.pki import rolling, services
from apps.pki.models import Authority, PublishedCrl

MAX_BYTES: Final = 1_000_000
"""A root revokes a handful; the command line takes larger lists."""


class SignedForm(ActionForm):
    """A certificate or a CRL that the root signed."""

    file = forms.FileField(
        label=_("Certificate or CRL"),
        help_text=_("PEM or DER, as the ceremony wrote it."),
        error_messages={"required": _("Choose the file from the ceremony.")},
        widget=forms.FileInput(attrs={"class": "pp-input pp-file"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("This file is too large (1 MB)."))
        octets: bytes = file.read(MAX_BYTES)
        return octets


class HandInSigned(ActionPage):
    """Take in what the root signed: a sub-CA, an OCSP responder, a CRL."""

    key = "from-ceremony"
    label = _("Hand in from the ceremony")
    title = _("Hand in what this root signed")
    lead = _("Its key is kept elsewhere, so certificates and revocation lists come as files.")
    done = _("What %(name)s signed is in use.")
    late = _("This authority signs here itself.")
    tone = "primary"
    form = SignedForm
    fields = dict.fromkeys(
        (
            *("no_certificate", "no_order", "known_certificate", "foreign_certificate"),
            *("other_name", "breaks_profile", "not_valid_now", "outside_authority"),
            *("bad_crl", "older_crl", "known_serial", "compromised_key"),
        ),
        "file",
    )
    fresh = True

    def may(self, authority: Authority, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.AUTHORITIES_MANAGE)

    def fits(self, authority: Authority) -> bool:
        return not rolling.key_is_here(authority)

    def facts(self, authority: Authority) -> tuple[Fact, ...]:
        found = PublishedCrl.objects.filter(authority=authority).first()
        ends = found.next_update if found else None
        return (
            Fact(
                label=_("CRL served until"),
                value=display.date_cell(ends) if ends else _("None yet"),
            ),
        )

    def follows(self, authority: Authority) -> tuple[Text, ...]:
        return (
            _("A sub-CA issues from then on, an OCSP responder answers."),
            _("What a CRL names is revoked here too, with all that hangs on it."),
        )

    def run(self, actor: Actor, authority: Authority, typed: Mapping[str, Any]) -> None:
        services.keep_signed(actor=actor, authority=authority, octets=typed["file"])
