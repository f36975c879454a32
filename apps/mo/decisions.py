"""What an MO's staff do to a contract from its page."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.contract_pool import renewal
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import certificates_of
from apps.core.actor import Actor, Role
from apps.core.errors import DomainError
from apps.core.web import display
from apps.core.web.acting import RowLink
from apps.core.web.actions import ActionForm, ActionPage
from apps.core.web.pages import Fact, Text
from apps.core.web.refusals import in_words
from apps.mo import own_data
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_service import services as cps
from apps.provisioning_service.contract_data import ContractData
from v2g.ids import Emaid, Pcid
from v2g.protocol import IsoVersion


class RenewForm(ActionForm):
    """Carries the certificate that the page was shown for: a second press renews nothing."""

    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = _newest(self.row)

    def clean_shown(self) -> bytes | None:
        shown = self.cleaned_data["shown"]
        if shown and shown != _newest(self.row):
            raise ValidationError(_("This contract was renewed meanwhile. Nothing more was done."))
        return bytes.fromhex(shown) if shown else None


def _newest(contract: Contract) -> str:
    data = contract.data.order_by("-certificate_not_before", "-pk").first()
    return bytes(data.certificate_fingerprint).hex() if data else ""


class Renew(ActionPage):
    """New contract data for a contract that goes on."""

    form = RenewForm
    key = "renew"
    label = _("Renew now")
    title = _("Renew this contract?")
    lead = _("The vehicle gets a new contract certificate; EMAID and term stay as they are.")
    done = _("Contract %(name)s is renewed. The vehicle fetches the new data by itself.")
    late = _("This contract has ended or needs no renewal by us.")
    tone = "primary"

    def may(self, contract: Contract, viewer: Actor) -> bool:
        provider_id = Emaid.parse(contract.emaid).provider_id
        is_own = contract.mo_id == viewer.organization_id
        return is_own and rights.may_on(viewer, Operation.CPS_GENERATE, provider_id=provider_id)

    def fits(self, contract: Contract) -> bool:
        is_running = contract.state == Contract.State.RUNNING and contract.ends > timezone.now()
        return is_running and renewal.plan(contract).by_us

    def facts(self, contract: Contract) -> tuple[Fact, ...]:
        ends = renewal.plan(contract).certificate_ends
        return (
            Fact(label=_("Vehicle (PCID)"), value=contract.pcid, code=True),
            Fact(label=_("Certificate valid until"), value=display.date_cell(ends)),
            Fact(label=_("Contract runs until"), value=display.date_cell(contract.ends)),
        )

    def follows(self, contract: Contract) -> tuple[Text, ...]:
        return (
            _("The V2G MO CA issues a certificate with a new key, sealed for this vehicle."),
            _("The old data leaves the pool. What the vehicle holds already works until it ends."),
            _("The car maker is told."),
        )

    def run(self, actor: Actor, contract: Contract, typed: Mapping[str, Any]) -> None:
        cps.renew(actor=actor, contract=contract, replaces=typed["shown"])


class HandInForm(ActionForm):
    """The document with new contract data, for the contract that the page is about."""

    file = forms.FileField(
        label=_("Contract data"),
        help_text=_(
            "JSON as the REST route takes it: contractData with the chain, the encrypted private "
            "key and the DH public key."
        ),
        error_messages={"required": _("Choose the file with the contract data.")},
        widget=forms.FileInput(attrs={"class": "pp-input pp-file", "accept": ".json"}),
    )

    def clean_file(self) -> ContractData:
        file = self.cleaned_data["file"]
        if file.size > own_data.MAX_BYTES:
            raise ValidationError(_("This file is too large for contract data (50 kB)."))
        try:
            return own_data.read(own_data.parse(file.read(own_data.MAX_BYTES)).body)
        except DomainError as error:
            raise ValidationError(in_words(error)) from error


class HandIn(ActionPage):
    """An MO with its own CA renews a contract: it brings the data, we sign it."""

    form = HandInForm
    key = "hand-in"
    label = _("Hand in new contract data")
    title = _("Hand in new contract data")
    lead = _(
        "Your own CA made it for this contract and this vehicle. It is signed and stored here."
    )
    done = _("The new data of %(name)s is signed and stored. The vehicle fetches it by itself.")
    late = _("This contract has ended.")
    tone = "primary"
    fields = dict.fromkeys(("emaid_differs", "envelope", "malformed", "expired", "revoked"), "file")

    def may(self, contract: Contract, viewer: Actor) -> bool:
        provider_id = Emaid.parse(contract.emaid).provider_id
        is_own = contract.mo_id == viewer.organization_id
        return is_own and rights.may_on(viewer, Operation.CPS_SIGN, provider_id=provider_id)

    def fits(self, contract: Contract) -> bool:
        return contract.state == Contract.State.RUNNING

    def facts(self, contract: Contract) -> tuple[Fact, ...]:
        ends = renewal.plan(contract).certificate_ends
        return (
            Fact(label=_("Vehicle (PCID)"), value=contract.pcid, code=True),
            Fact(label=_("Certificate valid until"), value=display.date_cell(ends)),
        )

    def follows(self, contract: Contract) -> tuple[Text, ...]:
        return (
            _("The certificate in it has to be for the EMAID of this contract."),
            _("The old data leaves the pool. What the vehicle holds already works until it ends."),
            _("The car maker is told."),
        )

    def run(self, actor: Actor, contract: Contract, typed: Mapping[str, Any]) -> None:
        cps.sign(
            actor=actor,
            version=IsoVersion.ISO_2,
            contract_data=typed["file"],
            pcid=Pcid(contract.pcid),
            emaid=Emaid.parse(contract.emaid),
            replaces=certificates_of([contract])[contract.emaid_key],
        )


def receipt(contract: Contract, viewer: Actor) -> RowLink | None:
    """The way to what the customer gets."""
    if not viewer.has(Role.MO) or contract.mo_id != viewer.organization_id:
        return None
    return RowLink(label=_("Receipt"), href=reverse("admin:mo_receipt", args=[contract.pk]))
