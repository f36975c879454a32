"""The rights table: which operation is open to which role, and on which objects.

PROTOCOL notes, section 4 (column Plugpool). An operation that names no object rule for a role is
refused to that role. For a person, the right inside the organisation decides about reading and
writing on top of it; roles and identifiers come from the records, never from a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypedDict, Unpack

from apps.core.actor import Actor, ActorKind, Right, Role
from apps.core.errors import Forbidden
from v2g.ids import OperatorId, ProviderId, Wmi


class Operation(StrEnum):
    """Everything that somebody may ask for."""

    RCP_READ = "rcp.read"
    RCP_WRITE = "rcp.write"
    RCP_CONFIRM = "rcp.confirm"
    PCP_PUBLISH = "pcp.publish"
    PCP_WITHDRAW = "pcp.withdraw"
    PCP_FACTORY_RESET = "pcp.factory_reset"
    PCP_GET = "pcp.get"
    PCP_LOOKUP = "pcp.lookup"
    CPS_SIGNERS = "cps.signers"
    CPS_SIGN = "cps.sign"
    CPS_GENERATE = "cps.generate"
    CCP_INSTALL = "ccp.install"
    CCP_STORE = "ccp.store"
    CCP_END = "ccp.end"
    CCP_LOOKUP = "ccp.lookup"
    CCP_PROVIDE = "ccp.provide"
    CCP_CONTRACTS_OF_VEHICLE = "ccp.contracts_of_vehicle"
    CCP_SET_DEFAULT = "ccp.set_default"
    EST_ENROLL_OEM = "est.enroll_oem"
    EST_ENROLL_VEHICLE = "est.enroll_vehicle"
    EST_ENROLL_MO = "est.enroll_mo"
    EST_ENROLL_CPO = "est.enroll_cpo"
    EST_ENROLL_CPS = "est.enroll_cps"
    EST_DECIDE = "est.decide"
    EST_CA_CERTIFICATES = "est.ca_certificates"
    WEBHOOKS_READ = "webhooks.read"
    WEBHOOKS_WRITE = "webhooks.write"
    JOBS_READ = "jobs.read"
    JOBS_WRITE = "jobs.write"
    MEMBERS_READ = "members.read"
    MEMBERS_MANAGE = "members.manage"
    CLIENTS_MANAGE = "clients.manage"
    PARTICIPANTS_READ = "participants.read"
    PARTICIPANTS_MANAGE = "participants.manage"
    AUTHORITIES_READ = "authorities.read"
    AUTHORITIES_MANAGE = "authorities.manage"
    CERTIFICATES_REVOKE = "certificates.revoke"
    POOLS_CLEANSE = "pools.cleanse"
    POOLS_DECIDE = "pools.decide"
    SCHEDULES_MANAGE = "schedules.manage"
    AUDIT_READ = "audit.read"


class Objects(StrEnum):
    """On which objects a role may run an operation."""

    ANY = "any"
    OWN_WMI = "wmi"
    OWN_PROVIDER = "provider"
    OWN_OPERATOR = "operator"
    OWN_ORGANIZATION = "organization"


class Named(TypedDict, total=False):
    """The identifiers that name an object to `require`."""

    wmi: Wmi
    provider_id: ProviderId
    operator_id: OperatorId
    organization_id: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    roles: Mapping[Role, Objects]
    needs: Right = Right.VIEWER
    own_pki_only: frozenset[Role] = field(default_factory=frozenset)
    people_only: bool = False


_EVERY = tuple(Role)
_ALL_ANY = dict.fromkeys(_EVERY, Objects.ANY)
_ALL_OWN = dict.fromkeys(_EVERY, Objects.OWN_ORGANIZATION)
_OPERATOR = {Role.OPERATOR: Objects.ANY}
_OEM = {Role.OEM: Objects.OWN_WMI}
_MO = {Role.MO: Objects.OWN_PROVIDER}
_OWN_OR_OPERATOR = {**_ALL_OWN, **_OPERATOR}
_VEHICLE_READERS = {Role.MO: Objects.ANY, Role.CPS: Objects.ANY, **_OEM}
_SELF_SIGNED = frozenset({Role.MO})

TABLE: Final[Mapping[Operation, Rule]] = {
    Operation.RCP_READ: Rule(_ALL_ANY),
    Operation.RCP_WRITE: Rule(_OPERATOR, Right.EDITOR),
    # A client of the operator may be the first pair of eyes, never the second.
    Operation.RCP_CONFIRM: Rule(_OPERATOR, Right.EDITOR, people_only=True),
    Operation.PCP_PUBLISH: Rule(_OEM, Right.EDITOR),
    Operation.PCP_WITHDRAW: Rule(_OEM, Right.EDITOR),
    Operation.PCP_FACTORY_RESET: Rule(_OEM, Right.EDITOR),
    Operation.PCP_GET: Rule(_VEHICLE_READERS),
    Operation.PCP_LOOKUP: Rule(_VEHICLE_READERS),
    Operation.CPS_SIGNERS: Rule(_ALL_ANY),
    Operation.CPS_SIGN: Rule(_MO, Right.EDITOR, own_pki_only=_SELF_SIGNED),
    Operation.CPS_GENERATE: Rule(_MO, Right.EDITOR),
    Operation.CCP_INSTALL: Rule({Role.CPO: Objects.ANY, **_OEM}, Right.EDITOR),
    # For a CPS the signature and the contract chain decide, not an identifier.
    Operation.CCP_STORE: Rule({Role.CPS: Objects.ANY, **_MO}, Right.EDITOR),
    Operation.CCP_END: Rule(_MO, Right.EDITOR),
    Operation.CCP_LOOKUP: Rule({**_MO, **_OEM}),
    Operation.CCP_PROVIDE: Rule(_OEM, Right.EDITOR),
    Operation.CCP_CONTRACTS_OF_VEHICLE: Rule(_OEM),
    Operation.CCP_SET_DEFAULT: Rule(_OEM, Right.EDITOR),
    Operation.EST_ENROLL_OEM: Rule(_OEM, Right.EDITOR),
    Operation.EST_ENROLL_VEHICLE: Rule(_OEM, Right.EDITOR),
    Operation.EST_ENROLL_MO: Rule(_MO, Right.EDITOR),
    Operation.EST_ENROLL_CPO: Rule({Role.CPO: Objects.OWN_OPERATOR}, Right.EDITOR),
    # The common name is fixed and the operator approves each one.
    Operation.EST_ENROLL_CPS: Rule({Role.CPS: Objects.ANY}, Right.EDITOR),
    # Who asks is a client of the CPS, who decides a person of the operator.
    Operation.EST_DECIDE: Rule(_OPERATOR, Right.EDITOR, people_only=True),
    Operation.EST_CA_CERTIFICATES: Rule(_ALL_ANY),
    Operation.WEBHOOKS_READ: Rule(_ALL_OWN),
    Operation.WEBHOOKS_WRITE: Rule(_ALL_OWN, Right.EDITOR),
    Operation.JOBS_READ: Rule(_OWN_OR_OPERATOR),
    Operation.JOBS_WRITE: Rule(_ALL_OWN, Right.EDITOR),
    Operation.MEMBERS_READ: Rule(_OWN_OR_OPERATOR, people_only=True),
    Operation.MEMBERS_MANAGE: Rule(_OWN_OR_OPERATOR, Right.ADMIN, people_only=True),
    Operation.CLIENTS_MANAGE: Rule(_OWN_OR_OPERATOR, Right.ADMIN, people_only=True),
    Operation.PARTICIPANTS_READ: Rule(_OWN_OR_OPERATOR),
    Operation.PARTICIPANTS_MANAGE: Rule(_OPERATOR, Right.ADMIN, people_only=True),
    Operation.AUTHORITIES_READ: Rule(_OPERATOR),
    Operation.AUTHORITIES_MANAGE: Rule(_OPERATOR, Right.ADMIN, people_only=True),
    Operation.CERTIFICATES_REVOKE: Rule(_OWN_OR_OPERATOR, Right.EDITOR),
    Operation.POOLS_CLEANSE: Rule(_OPERATOR, Right.EDITOR),
    Operation.POOLS_DECIDE: Rule(_OPERATOR, Right.EDITOR, people_only=True),
    Operation.SCHEDULES_MANAGE: Rule(_OPERATOR, Right.ADMIN, people_only=True),
    Operation.AUDIT_READ: Rule(_OWN_OR_OPERATOR),
}

_ORDER: Final = (Right.VIEWER, Right.EDITOR, Right.ADMIN)

_FOREIGN: Final[Mapping[Objects, Forbidden]] = {
    Objects.OWN_WMI: Forbidden(
        "foreign_wmi", "The WMI of this PCID does not belong to your organisation."
    ),
    Objects.OWN_PROVIDER: Forbidden(
        "foreign_provider", "The provider id of this EMAID does not belong to your organisation."
    ),
    Objects.OWN_OPERATOR: Forbidden(
        "foreign_operator", "The operator id does not belong to your organisation."
    ),
    Objects.OWN_ORGANIZATION: Forbidden(
        "foreign_organization", "This belongs to another organisation."
    ),
}


def require(
    actor: Actor,
    operation: Operation,
    *,
    wmi: Wmi | None = None,
    provider_id: ProviderId | None = None,
    operator_id: OperatorId | None = None,
    organization_id: int | None = None,
) -> None:
    """Let `actor` run `operation` on the object that the identifiers name, or raise Forbidden.

    Codes: role, own_pki, right, people_only, foreign_wmi, foreign_provider, foreign_operator,
    foreign_organization. A role whose object rule needs an identifier that is not given does not
    open the operation. The system itself (sweeps, schedules) is not bound; where it acts for an
    organisation, it is bound as that one is.
    """
    if _is_unbound(actor):
        return
    rules = _rules_for(actor, operation)
    given = {
        Objects.OWN_WMI: wmi is not None and str(wmi) in actor.wmis,
        Objects.OWN_PROVIDER: provider_id is not None and str(provider_id) in actor.provider_ids,
        Objects.OWN_OPERATOR: operator_id is not None and str(operator_id) in actor.operator_ids,
        Objects.OWN_ORGANIZATION: organization_id is not None
        and organization_id == actor.organization_id,
        Objects.ANY: True,
    }
    if not any(given[rule] for rule in rules):
        error = _FOREIGN[rules[0]]
        raise Forbidden(error.code, error.message)


def require_role(actor: Actor, operation: Operation) -> None:
    """Check all of `require` but the object: for what is asked before an object is known."""
    if not _is_unbound(actor):
        _rules_for(actor, operation)


def may(actor: Actor, operation: Operation) -> bool:
    """Tell whether the operation is open to the actor on objects of its own (menus, buttons)."""
    try:
        require_role(actor, operation)
    except Forbidden:
        return False
    return True


def may_on(actor: Actor, operation: Operation, **named: Unpack[Named]) -> bool:
    """Tell what `require` would say about one object (buttons beside it)."""
    try:
        require(actor, operation, **named)
    except Forbidden:
        return False
    return True


def _is_unbound(actor: Actor) -> bool:
    return actor.kind is ActorKind.SYSTEM and actor.organization_id is None


def _rules_for(actor: Actor, operation: Operation) -> list[Objects]:
    """Return the object rules of the actor's roles, in the order of the table, or refuse."""
    rule = TABLE[operation]
    roles = [role for role in rule.roles if role in actor.roles]
    if not roles:
        raise Forbidden("role", "Your roles do not include this operation.")
    open_to = [role for role in roles if actor.own_pki or role not in rule.own_pki_only]
    if not open_to:
        raise Forbidden("own_pki", "This operation is for an MO with a PKI of its own.")
    if rule.people_only and actor.kind is not ActorKind.PERSON:
        raise Forbidden("people_only", "Only a person may do this.")
    if _ORDER.index(actor.right) < _ORDER.index(rule.needs):
        raise Forbidden("right", f"Your membership needs the right {rule.needs.value} for this.")
    return [rule.roles[role] for role in open_to]
