"""What is typed in the steps of a conclusion. Each form saves its step through a service."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.core.web.display import number
from apps.core.web.refusals import in_words
from apps.mo import emaids, own_data, services, vehicles
from apps.mo.models import ConclusionDraft
from apps.mo.steps import Step
from apps.participants import rights
from apps.participants.rights import Operation
from v2g.ids import Emaid, Pcid, ProviderId

LONGEST: Final = timedelta(days=50 * 366)
USUAL: Final = timedelta(days=2 * 365)
BY_CA, BY_US = "ca", "own"
CODE: Final = {
    "class": "pp-input pp-code",
    "autocomplete": "off",
    "autocapitalize": "characters",
    "spellcheck": "false",
}


class StepForm(forms.Form):
    """The form of one step of a draft; `fields_of` names the field of each error code."""

    fields_of: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, viewer: Actor, draft: ConclusionDraft, **kwargs: Any) -> None:
        self.viewer, self.draft = viewer, draft
        super().__init__(*args, **{"initial": self.typed(draft), **kwargs})
        self.prepare()

    def typed(self, draft: ConclusionDraft) -> dict[str, Any]:
        """What was typed before, right or wrong."""
        return dict(draft.typed)

    def prepare(self) -> None:
        """Fit the fields to the draft."""

    def save(self) -> None:
        """Hand what was cleaned to the service."""
        raise NotImplementedError


class VehicleForm(StepForm):
    pcid = forms.CharField(
        label=_("PCID"),
        max_length=vehicles.MAX_TYPED,
        error_messages={"required": _("Type the PCID of the vehicle.")},
        widget=forms.TextInput(attrs={**CODE, "autofocus": True}),
    )

    def clean_pcid(self) -> str:
        """Check as while it was typed, to the same words."""
        text: str = self.cleaned_data["pcid"]
        answer = vehicles.as_typed(self.viewer, text, at=timezone.now())
        if answer.found is None:
            raise ValidationError(str(answer.text))
        return answer.found.row.pcid

    def save(self) -> None:
        pcid = Pcid(self.cleaned_data["pcid"])
        services.set_vehicle(actor=self.viewer, draft=self.draft, pcid=pcid)


class CustomerForm(StepForm):
    provider_id = forms.ChoiceField(
        label=_("Provider id"), required=False, widget=forms.Select(attrs={"class": "pp-input"})
    )
    emaid = forms.CharField(
        label=_("EMAID"),
        max_length=emaids.MAX_TYPED,
        error_messages={"required": _("Take the proposed EMAID or enter one.")},
        widget=forms.TextInput(attrs=CODE),
    )

    def prepare(self) -> None:
        own = sorted(self.viewer.provider_ids)
        self.fields["provider_id"].choices = [(one, one) for one in own]  # type: ignore[attr-defined]  # a ChoiceField
        if len(own) < 2:
            del self.fields["provider_id"]

    def clean_emaid(self) -> Emaid:
        try:
            return emaids.check(self.viewer, self.cleaned_data["emaid"]).emaid
        except DomainError as error:
            raise ValidationError(in_words(error)) from error

    def save(self) -> None:
        emaid = self.cleaned_data["emaid"]
        services.set_customer(actor=self.viewer, draft=self.draft, emaid=emaid)


class TermForm(StepForm):
    """From when to when, under which V2G root, and who makes the contract data."""

    source = forms.ChoiceField(
        label=_("Contract data"),
        choices=[
            (BY_CA, _("The V2G MO CA makes it")),
            (BY_US, _("Our own CA made it: I hand it in")),
        ],
        widget=forms.RadioSelect,
    )
    begins = forms.DateField(label=_("Begins"), required=False)
    ends = forms.DateField(label=_("Ends"), help_text=_("This day is included."), required=False)
    file = forms.FileField(
        label=_("Contract data"),
        help_text=_(
            "JSON as the REST route takes it: contractData with the chain, the encrypted private "
            "key and the DH public key. Begin and end come from the contract certificate."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "pp-input pp-file", "accept": ".json"}),
    )
    root = forms.ChoiceField(
        label=_("V2G root"), required=False, widget=forms.Select(attrs={"class": "pp-input"})
    )
    fields_of = {
        "own_pki": "source",
        "no_signer": "root",
        "json": "file",
        "private_key": "file",
        "malformed": "file",
    }

    def typed(self, draft: ConclusionDraft) -> dict[str, Any]:
        today = timezone.localdate()
        usual = {"begins": today, "ends": today + USUAL, "source": BY_CA}
        return {**usual, **draft.typed}

    def prepare(self) -> None:
        for name in ("begins", "ends"):
            attributes = {"class": "pp-input", "type": "date"}
            self.fields[name].widget = forms.DateInput(attrs=attributes, format="%Y-%m-%d")
        self.fields["root"].choices = self._roots()  # type: ignore[attr-defined]  # a ChoiceField
        if not rights.may(self.viewer, Operation.CPS_SIGN):
            del self.fields["source"], self.fields["file"]

    @property
    def is_own(self) -> bool:
        """Whether the MO hands in contract data of its own CA."""
        return self.cleaned_data.get("source") == BY_US

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.is_own:
            self._read_file(cleaned)
        else:
            self._check_dates(cleaned.get("begins"), cleaned.get("ends"))
        return cleaned

    def save(self) -> None:
        cleaned = self.cleaned_data
        root = UUID(cleaned["root"]) if cleaned["root"] else None
        terms: dict[str, Any] = {"actor": self.viewer, "draft": self.draft, "root": root}
        if self.is_own:
            leaf = cleaned["data"].certificate
            terms |= {"begins": leaf.not_before, "ends": leaf.not_after}
            services.set_own_data(**terms, body=cleaned["data"].body)
        else:
            terms |= {"begins": _midnight(cleaned["begins"]), "ends": _last_second(cleaned["ends"])}
            services.set_term(**terms)

    def _roots(self) -> list[tuple[str, Any]]:
        found = vehicles.possible_roots(Pcid(self.draft.pcid), at=timezone.now())
        single = [(str(root.uuid), str(root)) for root in found]
        every = _("Every V2G root of the vehicle (%(count)s)") % {"count": number(len(found))}
        return single if len(single) == 1 else [("", every), *single]

    def _read_file(self, cleaned: dict[str, Any]) -> None:
        file = cleaned.get("file")
        if file is None and self.draft.own_data:
            octets = None
        elif file is None or file.size == 0:
            self.add_error("file", _("Choose the file with the contract data."))
            return
        elif file.size > own_data.MAX_BYTES:
            self.add_error("file", _("This file is too large for contract data (50 kB)."))
            return
        else:
            octets = file.read(own_data.MAX_BYTES)
        try:
            data = own_data.again(self.draft.own_data) if octets is None else own_data.parse(octets)
        except DomainError as error:
            self.add_error("file", in_words(error))
            return
        if data.emaid != Emaid.parse(self.draft.emaid):
            message = _("The certificate in this file is for %(emaid)s, not for %(wanted)s.")
            said = {"emaid": data.emaid.display, "wanted": self.draft.emaid}
            self.add_error("file", message % said)
        elif data.certificate.not_after <= timezone.now():
            self.add_error("file", _("The contract certificate in this file has expired."))
        cleaned["data"] = data

    def _check_dates(self, begins: date | None, ends: date | None) -> None:
        today = timezone.localdate()
        for name, value in (("begins", begins), ("ends", ends)):
            if value is None and name not in self.errors:
                self.add_error(name, _("Choose a day."))
        if begins is not None and begins < today:
            self.add_error("begins", _("The contract cannot begin in the past."))
        if begins is not None and begins > today + LONGEST:
            self.add_error("begins", _("This is too far away. Check the year."))
        if begins is not None and ends is not None and ends < begins:
            self.add_error("ends", _("The contract cannot end before it begins."))
        if ends is not None and ends > today + LONGEST:
            self.add_error("ends", _("This is too far away. Check the year."))


class ConfirmForm(StepForm):
    """The one explicit confirmation; `typed` keeps no tick."""

    confirmed = forms.BooleanField(
        label=_("I have checked this. The contract is to be concluded."),
        error_messages={"required": _("Confirm that you have checked it.")},
    )

    def save(self) -> None:
        services.order(actor=self.viewer, draft=self.draft)


class LookUpForm(forms.Form):
    """A vehicle by its PCID."""

    pcid = forms.CharField(
        label=_("PCID"),
        max_length=vehicles.MAX_TYPED,
        error_messages={"required": _("Type the PCID of the vehicle.")},
        widget=forms.TextInput(attrs={**CODE, "autofocus": True}),
    )


class ListForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8 with comma, semicolon or tab; at most 20,000 rows and 5 MB."),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"class": "pp-input pp-file", "accept": ".csv,text/csv"}),
    )


FORMS: Final[Mapping[Step, type[StepForm]]] = {
    Step.VEHICLE: VehicleForm,
    Step.CUSTOMER: CustomerForm,
    Step.TERM: TermForm,
    Step.CONFIRM: ConfirmForm,
}


def proposal(viewer: Actor, provider_id: str) -> str:
    """Return a free EMAID, of the chosen provider id where it is one of the viewer's."""
    own = sorted(viewer.provider_ids)
    chosen = provider_id if provider_id in own else (own[0] if own else "")
    return emaids.propose(ProviderId(chosen)).display if chosen else ""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _last_second(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
