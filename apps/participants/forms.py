"""What a person types about API clients, members and organisations."""

from collections.abc import Callable, Collection
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, Right, Role
from apps.core.web import wording
from apps.core.web.actions import ActionForm
from apps.core.web.making import MakingForm
from apps.core.web.refusals import in_words
from apps.participants import selectors
from apps.participants.models import ApiClient, Member, Organization
from v2g.errors import IdError
from v2g.ids import OperatorId, ProviderId, Wmi

RIGHTS: Final = (
    (Right.VIEWER.value, _("May look")),
    (Right.EDITOR.value, _("May look and change")),
    (Right.ADMIN.value, _("May also manage people and API clients")),
)
KINDS: Final = (
    ("wmi", _("WMI of a car maker")),
    ("provider_id", _("Provider id of a mobility operator")),
    ("operator_id", _("Operator id of a charge point operator")),
)
PARSERS: Final[dict[str, Callable[[str], Wmi | ProviderId | OperatorId]]] = {
    "wmi": Wmi.parse,
    "provider_id": ProviderId.parse,
    "operator_id": OperatorId.parse,
}
_INPUT: Final = {"class": "pp-input", "autocomplete": "off"}
_CODE: Final = {**_INPUT, "class": "pp-input pp-code", "spellcheck": "false"}


def _text(label: Any, required: Any, *, longest: int, code: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs=_CODE if code else _INPUT)
    return forms.CharField(
        label=label, max_length=longest, error_messages={"required": required}, widget=widget
    )


def _roles(**more: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=_("Roles"),
        coerce=Role,
        choices=[(role.value, wording.ROLES[role]) for role in Role],
        error_messages={"required": _("Choose one role at least.")},
        widget=forms.CheckboxSelectMultiple,
        **more,
    )


def _right() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Right"), coerce=Right, choices=RIGHTS, widget=forms.RadioSelect
    )


def _offer(form: forms.Form, roles: Collection[Role]) -> None:
    field = form.fields["roles"]
    assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  declared by the caller
    field.choices = [(role.value, wording.ROLES[role]) for role in Role if role in roles]


class ForOrganization(MakingForm):
    """For whom: the own organisation, except for the operator, who says which."""

    organization = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organization.objects.none(),
        to_field_name="uuid",
        empty_label=_("Choose one"),
        error_messages={"required": _("Choose an organisation.")},
        widget=forms.Select(attrs={"class": "pp-input"}),
    )
    field_order = ("organization",)

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        field = self.fields["organization"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above
        field.queryset = selectors.visible_organizations(viewer=viewer)
        if not viewer.has(Role.OPERATOR):
            del self.fields["organization"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "organization" not in self.fields:
            cleaned["organization"] = selectors.visible_organizations(viewer=self.viewer).get()
        return cleaned


class NewClientForm(ForOrganization):
    """A backend that may call the API."""

    name = _text(_("Name"), _("Type a name."), longest=100)
    roles = _roles(help_text=_("What the backend may do. Its scopes follow from these roles."))

    def __init__(self, *args: Any, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        if "organization" not in self.fields:
            _offer(self, viewer.roles)


class ClientRolesForm(ActionForm):
    """Some of the organisation's roles."""

    roles = _roles()

    def __init__(self, *args: Any, row: ApiClient, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, row=row, viewer=viewer, initial={"roles": row.roles}, **kwargs)
        _offer(self, selectors.roles_of(row.organization))


class NewMemberForm(ForOrganization):
    """A person to invite."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Type an e-mail address.")},
        widget=forms.EmailInput(attrs=_INPUT),
    )
    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    right = _right()


class RightForm(ActionForm):
    """Another right for a member."""

    right = _right()

    def __init__(self, *args: Any, row: Member, viewer: Actor, **kwargs: Any) -> None:
        initial = {"right": row.right.value}
        super().__init__(*args, row=row, viewer=viewer, initial=initial, **kwargs)


class NewOrganizationForm(MakingForm):
    """A party to admit."""

    name = _text(_("Name"), _("Type a name."), longest=120)
    roles = _roles()
    own_pki = forms.BooleanField(
        label=_("Own MO PKI"),
        help_text=_("It makes contract certificates with a CA of its own."),
        required=False,
    )


class OrganizationRolesForm(ActionForm):
    """The roles that a party shall have."""

    roles = _roles()

    def __init__(self, *args: Any, row: Organization, viewer: Actor, **kwargs: Any) -> None:
        initial = {"roles": [role.value for role in selectors.roles_of(row)]}
        super().__init__(*args, row=row, viewer=viewer, initial=initial, **kwargs)


class SettingsForm(ActionForm):
    """How contracts are handled. Whether there is an own PKI is the operator's to say."""

    renewal_window_days = forms.IntegerField(
        label=_("Contract renewal"),
        help_text=_("Days before the end of a contract certificate, 1 to 365."),
        min_value=1,
        max_value=365,
        error_messages={"required": _("Type a number of days.")},
        widget=forms.NumberInput(attrs=_INPUT),
    )
    own_pki = forms.BooleanField(
        label=_("Own MO PKI"),
        help_text=_("It makes contract certificates with a CA of its own."),
        required=False,
    )

    def __init__(self, *args: Any, row: Organization, viewer: Actor, **kwargs: Any) -> None:
        initial = {"renewal_window_days": row.renewal_window_days, "own_pki": row.own_pki}
        super().__init__(*args, row=row, viewer=viewer, initial=initial, **kwargs)
        if not viewer.has(Role.OPERATOR):
            del self.fields["own_pki"]


class IdentifierForm(ActionForm):
    """A code to assign."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=KINDS, widget=forms.Select(attrs={"class": "pp-input"})
    )
    value = _text(_("Identifier"), _("Type the identifier."), longest=12, code=True)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        parser = PARSERS.get(cleaned.get("kind", ""))
        if parser is None or "value" not in cleaned:
            return cleaned
        try:
            cleaned["value"] = parser(cleaned["value"].strip())
        except IdError as error:
            self.add_error("value", in_words(error))
        return cleaned


class ReleaseForm(ActionForm):
    """One of the codes that a party has."""

    identifier = forms.ChoiceField(
        label=_("Identifier"), widget=forms.Select(attrs={"class": "pp-input pp-code"})
    )

    def __init__(self, *args: Any, row: Organization, viewer: Actor, **kwargs: Any) -> None:
        super().__init__(*args, row=row, viewer=viewer, **kwargs)
        field = self.fields["identifier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        held: dict[str, Any] = {
            "wmi": row.wmis,
            "provider_id": row.providerids,
            "operator_id": row.operatorids,
        }
        field.choices = [
            (f"{kind}:{one}", f"{one} ({words})")
            for kind, words in KINDS
            for one in held[kind].all()
        ]
