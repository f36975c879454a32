"""What is done with organisations: mostly by the operator."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.actions import ActionPage
from apps.core.web.decisions import FormPage
from apps.core.web.making import Made, MakingPage
from apps.core.web.pages import Text
from apps.participants import forms, rights, services
from apps.participants.models import Organization
from apps.participants.rights import Operation

ASSIGN: Final = {
    "wmi": lambda value, **who: services.assign_wmi(wmi=value, **who),
    "provider_id": lambda value, **who: services.assign_provider_id(provider_id=value, **who),
    "operator_id": lambda value, **who: services.assign_operator_id(operator_id=value, **who),
}
RELEASE: Final = {
    "wmi": lambda value, **who: services.release_wmi(wmi=value, **who),
    "provider_id": lambda value, **who: services.release_provider_id(provider_id=value, **who),
    "operator_id": lambda value, **who: services.release_operator_id(operator_id=value, **who),
}


class AdmitOrganization(MakingPage):
    """A new party. Its first administrator is invited afterwards."""

    key = "admit"
    label = _("Admit an organisation")
    words = FormPage(
        title=_("Admit an organisation"),
        lead=_("Then assign its identifiers and invite its first administrator."),
        button=_("Admit"),
        done=_("%(name)s was admitted. Assign its identifiers, then invite an administrator."),
    )
    form = forms.NewOrganizationForm
    fields = {"name": "name", "name_taken": "name", "roles": "roles"}
    fresh = True

    def may(self, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.PARTICIPANTS_MANAGE)

    def run(self, actor: Actor, typed: Mapping[str, Any]) -> Made:
        given = {name: typed[name] for name in ("name", "roles", "own_pki")}
        return Made(row=services.create_organization(actor=actor, **given))


class _ByOperator(ActionPage):
    fresh = True

    def may(self, organization: Organization, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.PARTICIPANTS_MANAGE)


class ChangeSettings(ActionPage):
    """How its contracts are handled; also by its own administrators."""

    key = "settings"
    label = _("Change settings")
    title = _("Change the settings of this organisation")
    done = _("The settings of %(name)s were changed.")
    tone = "primary"
    form = forms.SettingsForm
    fields = {"renewal_window_days": "renewal_window_days"}
    fresh = True

    def may(self, organization: Organization, viewer: Actor) -> bool:
        of = organization.pk
        return rights.may_on(viewer, Operation.MEMBERS_MANAGE, organization_id=of)

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        services.change_settings(actor=actor, organization=organization, **typed)


class ChangeRoles(_ByOperator):
    """Which parts it plays."""

    key = "roles"
    label = _("Change roles")
    title = _("Change the roles of this organisation")
    done = _("The roles of %(name)s were changed. People and backends follow at once.")
    tone = "primary"
    form = forms.OrganizationRolesForm
    fields = {"own_operator_role": "roles"}

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        services.set_roles(actor=actor, organization=organization, roles=typed["roles"])


class AssignIdentifier(_ByOperator):
    """A code that makes objects its own."""

    key = "assign"
    label = _("Assign an identifier")
    title = _("Assign an identifier")
    lead = _("Vehicles, contracts and charge points that begin with it belong to this party.")
    done = _("The identifier was assigned to %(name)s.")
    tone = "primary"
    form = forms.IdentifierForm
    fields = {"identifier_taken": "value", "role_missing": "kind"}

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        ASSIGN[typed["kind"]](typed["value"], actor=actor, organization=organization)


class ReleaseIdentifier(_ByOperator):
    """A code that it gives up."""

    key = "release"
    label = _("Release an identifier")
    title = _("Release an identifier?")
    lead = _("What was published under it stays until it is withdrawn or ends.")
    done = _("The identifier of %(name)s was released. It may be assigned to another party.")
    form = forms.ReleaseForm

    def fits(self, organization: Organization) -> bool:
        held = (organization.wmis, organization.providerids, organization.operatorids)
        return any(rows.exists() for rows in held)

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        kind, _colon, value = typed["identifier"].partition(":")
        parsed = forms.PARSERS[kind](value)
        RELEASE[kind](parsed, actor=actor, organization=organization)


class Deactivate(_ByOperator):
    """Nobody of it gets in any more."""

    key = "deactivate"
    label = _("Deactivate")
    title = _("Deactivate this organisation?")
    done = _("%(name)s is inactive. Its people and backends are refused.")
    typed = _("Type the name to confirm")
    fields = {"own_organization": "typed"}

    def expected(self, organization: Organization) -> str:
        return organization.name

    def follows(self, organization: Organization) -> tuple[Text, ...]:
        return (
            _("Its people cannot log in, its API clients are refused within seconds."),
            _("Its vehicles, contracts and certificates stay as they are."),
        )

    def fits(self, organization: Organization) -> bool:
        return organization.active

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        services.set_active(actor=actor, organization=organization, active=False)


class Reactivate(_ByOperator):
    """In again."""

    key = "reactivate"
    label = _("Activate")
    title = _("Activate this organisation?")
    done = _("%(name)s takes part again.")
    tone = "primary"

    def fits(self, organization: Organization) -> bool:
        return not organization.active

    def run(self, actor: Actor, organization: Organization, typed: Mapping[str, Any]) -> None:
        services.set_active(actor=actor, organization=organization, active=True)
