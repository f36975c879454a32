"""The rights table: every operation, every role, own and foreign objects, every kind of caller."""

from dataclasses import replace
from itertools import product

import pytest

from apps.core.actor import Actor, ActorKind, Right, Role, system
from apps.core.errors import Forbidden
from apps.participants import rights
from apps.participants.rights import TABLE, Operation, require
from tests.factories.parties import bare_actor
from v2g.ids import OperatorId, ProviderId, Wmi

OEM, MO, CPO, CPS, OPERATOR = Role.OEM, Role.MO, Role.CPO, Role.CPS, Role.OPERATOR
EVERY = dict.fromkeys(Role, "any")
OWN = dict.fromkeys(Role, "own")
OWN_OR_OPERATOR = {**OWN, OPERATOR: "any"}

# What PROTOCOL notes section 4 says, written down a second time and independently of the table:
# role -> "any" object or only "own" ones. A role that is not named is refused.
EXPECTED: dict[Operation, dict[Role, str]] = {
    Operation.RCP_READ: EVERY,
    Operation.RCP_WRITE: {OPERATOR: "any"},
    Operation.RCP_CONFIRM: {OPERATOR: "any"},
    Operation.PCP_PUBLISH: {OEM: "own"},
    Operation.PCP_WITHDRAW: {OEM: "own"},
    Operation.PCP_FACTORY_RESET: {OEM: "own"},
    Operation.PCP_GET: {OEM: "own", MO: "any", CPS: "any"},
    Operation.PCP_LOOKUP: {OEM: "own", MO: "any", CPS: "any"},
    Operation.CPS_SIGNERS: EVERY,
    Operation.CPS_SIGN: {MO: "own"},
    Operation.CPS_GENERATE: {MO: "own"},
    Operation.CCP_INSTALL: {CPO: "any", OEM: "own"},
    Operation.CCP_STORE: {CPS: "any", MO: "own"},
    Operation.CCP_END: {MO: "own"},
    Operation.CCP_LOOKUP: {MO: "own", OEM: "own"},
    Operation.CCP_PROVIDE: {OEM: "own"},
    Operation.CCP_CONTRACTS_OF_VEHICLE: {OEM: "own"},
    Operation.CCP_SET_DEFAULT: {OEM: "own"},
    Operation.EST_ENROLL_OEM: {OEM: "own"},
    Operation.EST_ENROLL_VEHICLE: {OEM: "own"},
    Operation.EST_ENROLL_MO: {MO: "own"},
    Operation.EST_ENROLL_CPO: {CPO: "own"},
    Operation.EST_ENROLL_CPS: {CPS: "any"},
    Operation.EST_DECIDE: {OPERATOR: "any"},
    Operation.EST_CA_CERTIFICATES: EVERY,
    Operation.WEBHOOKS_READ: OWN,
    Operation.WEBHOOKS_WRITE: OWN,
    Operation.JOBS_READ: OWN_OR_OPERATOR,
    Operation.JOBS_WRITE: OWN,
    Operation.MEMBERS_READ: OWN_OR_OPERATOR,
    Operation.MEMBERS_MANAGE: OWN_OR_OPERATOR,
    Operation.CLIENTS_MANAGE: OWN_OR_OPERATOR,
    Operation.PARTICIPANTS_READ: OWN_OR_OPERATOR,
    Operation.PARTICIPANTS_MANAGE: {OPERATOR: "any"},
    Operation.AUTHORITIES_READ: {OPERATOR: "any"},
    Operation.AUTHORITIES_MANAGE: {OPERATOR: "any"},
    Operation.CERTIFICATES_REVOKE: OWN_OR_OPERATOR,
    Operation.POOLS_CLEANSE: {OPERATOR: "any"},
    Operation.POOLS_DECIDE: {OPERATOR: "any"},
    Operation.SCHEDULES_MANAGE: {OPERATOR: "any"},
    Operation.AUDIT_READ: OWN_OR_OPERATOR,
}


def of_role(role: Role, *, right: Right = Right.ADMIN, kind: ActorKind = ActorKind.PERSON) -> Actor:
    return bare_actor(
        roles=[role],
        right=right,
        kind=kind,
        own_pki=True,
        wmis=["WVW"],
        provider_ids=["DEABC"],
        operator_ids=["DEICE"],
        organization_id=1,
    )


def on_own(actor: Actor, operation: Operation) -> None:
    require(
        actor,
        operation,
        wmi=Wmi("WVW"),
        provider_id=ProviderId("DEABC"),
        operator_id=OperatorId("DEICE"),
        organization_id=1,
    )


def on_foreign(actor: Actor, operation: Operation) -> None:
    require(
        actor,
        operation,
        wmi=Wmi("BMW"),
        provider_id=ProviderId("FRXYZ"),
        operator_id=OperatorId("FRXYZ"),
        organization_id=2,
    )


def test_every_operation_stands_in_the_table() -> None:
    assert set(TABLE) == set(Operation) == set(EXPECTED)


@pytest.mark.parametrize(("operation", "role"), list(product(Operation, Role)))
def test_the_matrix(operation: Operation, role: Role) -> None:
    allowed = EXPECTED[operation].get(role)
    actor = of_role(role)
    if allowed is None:
        for ask in (on_own, on_foreign):
            with pytest.raises(Forbidden) as refused:
                ask(actor, operation)
            assert refused.value.code == "role"
        assert not rights.may(actor, operation)
        return
    on_own(actor, operation)
    assert rights.may(actor, operation)
    if allowed == "any":
        on_foreign(actor, operation)
        require(actor, operation)
        return
    for attempt in (on_foreign, require):
        with pytest.raises(Forbidden) as refused:
            attempt(actor, operation)
        assert refused.value.code.startswith("foreign_")


@pytest.mark.parametrize("operation", list(Operation))
def test_nobody_without_a_role_may_do_anything(operation: Operation) -> None:
    with pytest.raises(Forbidden):
        on_own(bare_actor(roles=[], right=Right.ADMIN), operation)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Operation.PCP_PUBLISH, "foreign_wmi"),
        (Operation.CCP_END, "foreign_provider"),
        (Operation.EST_ENROLL_CPO, "foreign_operator"),
        (Operation.WEBHOOKS_READ, "foreign_organization"),
    ],
)
def test_a_foreign_object_is_named_by_its_kind(operation: Operation, code: str) -> None:
    role = next(iter(EXPECTED[operation]))
    with pytest.raises(Forbidden) as refused:
        on_foreign(of_role(role), operation)
    assert refused.value.code == code


def test_with_two_roles_the_wider_rule_counts() -> None:
    both = bare_actor(roles=[OEM, MO], wmis=["WVW"], provider_ids=["DEABC"])
    require(both, Operation.PCP_GET, wmi=Wmi("BMW"))
    with pytest.raises(Forbidden):
        require(both, Operation.CCP_LOOKUP, wmi=Wmi("BMW"), provider_id=ProviderId("FRXYZ"))
    require(both, Operation.CCP_LOOKUP, wmi=Wmi("WVW"), provider_id=ProviderId("FRXYZ"))


def test_own_contract_data_is_signed_only_for_an_mo_with_its_own_pki() -> None:
    without = bare_actor(roles=[MO], provider_ids=["DEABC"])
    with pytest.raises(Forbidden) as refused:
        require(without, Operation.CPS_SIGN, provider_id=ProviderId("DEABC"))
    assert refused.value.code == "own_pki"
    require(without, Operation.CPS_GENERATE, provider_id=ProviderId("DEABC"))


READING = {
    Operation.RCP_READ,
    Operation.PCP_GET,
    Operation.PCP_LOOKUP,
    Operation.CPS_SIGNERS,
    Operation.CCP_LOOKUP,
    Operation.CCP_CONTRACTS_OF_VEHICLE,
    Operation.EST_CA_CERTIFICATES,
    Operation.WEBHOOKS_READ,
    Operation.JOBS_READ,
    Operation.MEMBERS_READ,
    Operation.PARTICIPANTS_READ,
    Operation.AUTHORITIES_READ,
    Operation.AUDIT_READ,
}


@pytest.mark.parametrize("operation", list(Operation))
def test_a_viewer_only_reads(operation: Operation) -> None:
    viewer = of_role(next(iter(EXPECTED[operation])), right=Right.VIEWER)
    if operation in READING:
        on_own(viewer, operation)
        return
    with pytest.raises(Forbidden) as refused:
        on_own(viewer, operation)
    assert refused.value.code == "right"


ADMINISTRATION = {
    Operation.MEMBERS_MANAGE,
    Operation.CLIENTS_MANAGE,
    Operation.PARTICIPANTS_MANAGE,
    Operation.AUTHORITIES_MANAGE,
}


@pytest.mark.parametrize("operation", sorted(ADMINISTRATION))
def test_an_editor_does_not_administer(operation: Operation) -> None:
    with pytest.raises(Forbidden) as refused:
        on_own(of_role(OPERATOR, right=Right.EDITOR), operation)
    assert refused.value.code == "right"


@pytest.mark.parametrize(
    "operation", sorted({*ADMINISTRATION, Operation.RCP_CONFIRM, Operation.MEMBERS_READ})
)
def test_a_machine_neither_administers_nor_is_the_second_pair_of_eyes(
    operation: Operation,
) -> None:
    with pytest.raises(Forbidden) as refused:
        on_own(of_role(OPERATOR, kind=ActorKind.CLIENT), operation)
    assert refused.value.code == "people_only"


def test_a_machine_of_the_operator_may_submit_a_root() -> None:
    require(of_role(OPERATOR, kind=ActorKind.CLIENT, right=Right.EDITOR), Operation.RCP_WRITE)


def test_the_system_itself_is_not_bound() -> None:
    require(system("sweep"), Operation.CCP_END)


def test_plugpool_is_bound_by_nothing_unless_it_acts_for_an_organisation() -> None:
    own, other = Wmi.parse("WVW"), Wmi.parse("WBA")
    require(system("sweep"), Operation.PCP_PUBLISH, wmi=other)
    roles, wmis = frozenset({OEM}), frozenset({"WVW"})
    acting = replace(
        system("manage.import"), organization_id=1, roles=roles, wmis=wmis, right=Right.EDITOR
    )
    require(acting, Operation.PCP_PUBLISH, wmi=own)
    with pytest.raises(Forbidden):
        require(acting, Operation.PCP_PUBLISH, wmi=other)
    for closed in (Operation.CPS_GENERATE, Operation.MEMBERS_MANAGE, Operation.POOLS_CLEANSE):
        assert not rights.may(acting, closed)
        assert rights.may(system("sweep"), closed)
