"""Admitting organisations, and the identifiers they own."""

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.participants import selectors, services
from apps.participants.models import Organization
from tests.factories import parties
from v2g.ids import OperatorId, ProviderId, Wmi

pytestmark = pytest.mark.django_db


def test_admits_an_organisation_with_several_roles_and_identifiers() -> None:
    made = parties.organization(
        roles=[Role.OEM, Role.MO],
        wmis=["WVW", "wau"],
        provider_ids=["DE-ABC"],
        operator_ids=["DE*ICE"],
    )
    actor = parties.actor(organization=made)
    assert actor.roles == {Role.OEM, Role.MO, Role.CPO}
    assert actor.wmis == {"WVW", "WAU"}
    assert actor.provider_ids == {"DEABC"}
    assert actor.operator_ids == {"DEICE"}
    assert selectors.owner_of_wmi(Wmi("WAU")) == made
    assert selectors.owner_of_provider_id(ProviderId("DEABC")) == made
    assert selectors.owner_of_operator_id(OperatorId("DEICE")) == made
    assert selectors.owner_of_wmi(Wmi("BMW")) is None


def test_each_change_of_an_organisation_writes_one_audit_event() -> None:
    made = parties.organization(wmis=["WVW"])
    services.assign_wmi(actor=parties.SYSTEM, organization=made, wmi=Wmi("WVW"))
    services.set_active(actor=parties.SYSTEM, organization=made, active=False)
    services.set_active(actor=parties.SYSTEM, organization=made, active=False)
    found = AuditEvent.objects.filter(target_id=str(made.uuid)).order_by("id")
    assert [event.action for event in found] == [
        "participants.create_organization",
        "participants.assign_identifier",
        "participants.set_active",
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "Ev\x00il", "Turned \u202e round"])
def test_refuses_a_name_that_cannot_be_shown(name: str) -> None:
    with pytest.raises(Invalid, match="name"):
        services.create_organization(actor=parties.SYSTEM, name=name, roles=[Role.MO])


def test_a_name_is_taken_once() -> None:
    parties.organization(name="Volta Motors")
    with pytest.raises(Conflict) as refused:
        parties.organization(name=" Volta  Motors ")
    assert refused.value.code == "name_taken"


def test_an_identifier_belongs_to_one_organisation_at_a_time() -> None:
    first = parties.organization(wmis=["WVW"])
    second = parties.organization(roles=[Role.OEM])
    with pytest.raises(Conflict) as refused:
        services.assign_wmi(actor=parties.SYSTEM, organization=second, wmi=Wmi("WVW"))
    assert refused.value.code == "identifier_taken"
    services.release_wmi(actor=parties.SYSTEM, organization=first, wmi=Wmi("WVW"))
    services.assign_wmi(actor=parties.SYSTEM, organization=second, wmi=Wmi("WVW"))
    assert selectors.owner_of_wmi(Wmi("WVW")) == second


def test_an_identifier_needs_its_role() -> None:
    mo = parties.organization(roles=[Role.MO])
    with pytest.raises(Invalid) as refused:
        services.assign_wmi(actor=parties.SYSTEM, organization=mo, wmi=Wmi("WVW"))
    assert refused.value.code == "role_missing"


def test_only_the_operator_admits_organisations() -> None:
    oem = parties.organization(roles=[Role.OEM])
    with pytest.raises(Forbidden):
        services.create_organization(
            actor=parties.person(organization=oem), name="Mine", roles=[Role.OEM]
        )
    assert set(Organization.objects.all()) == {oem}


def test_the_operator_can_neither_suspend_itself_nor_drop_its_role() -> None:
    operator = parties.organization(roles=[Role.OPERATOR])
    actor = parties.person(organization=operator, right=Right.ADMIN)
    with pytest.raises(Conflict, match="own"):
        services.set_active(actor=actor, organization=operator, active=False)
    with pytest.raises(Conflict, match="own"):
        services.remove_role(actor=actor, organization=operator, role=Role.OPERATOR)


def test_the_renewal_window_has_bounds() -> None:
    mo = parties.organization(roles=[Role.MO])
    with pytest.raises(Invalid):
        services.change_settings(actor=parties.SYSTEM, organization=mo, renewal_window_days=0)
    services.change_settings(actor=parties.SYSTEM, organization=mo, renewal_window_days=30)
    mo.refresh_from_db()
    assert mo.renewal_window_days == 30


def test_who_sees_which_organisations() -> None:
    oem = parties.organization(roles=[Role.OEM])
    mo = parties.organization(roles=[Role.MO])
    operator = parties.organization(roles=[Role.OPERATOR])
    visible = selectors.visible_organizations
    assert set(visible(viewer=parties.actor(organization=oem))) == {oem}
    assert set(visible(viewer=parties.actor(organization=operator))) == {oem, mo, operator}
