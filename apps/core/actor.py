"""Who acts. Every service takes an Actor; there is no default and no None."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The parties of the ecosystem (OPCP's client roles)."""

    OEM = "OEM"
    MO = "MO"
    CPO = "CPO"
    CPS = "CPS"
    OPERATOR = "OPERATOR"


class ActorKind(StrEnum):
    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"


class Right(StrEnum):
    """What a member may do inside an organisation; each includes the one before."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def includes(self, other: "Right") -> bool:
        """Tell whether this right is the other one or more."""
        order = tuple(Right)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, for which organisation, with which roles and identifiers.

    `identifier` names the person, API client or system part; `organization_id` is the row id of
    the organisation (None only for the system). Roles and identifiers were read from the
    database, never from a token's claims.
    """

    kind: ActorKind
    identifier: str
    label: str
    organization_id: int | None = None
    roles: frozenset[Role] = frozenset()
    own_pki: bool = False
    wmis: frozenset[str] = frozenset()
    provider_ids: frozenset[str] = frozenset()
    operator_ids: frozenset[str] = frozenset()
    right: Right = Right.VIEWER
    request_id: str = field(default="", compare=False)

    def has(self, role: Role) -> bool:
        return role in self.roles


def system(part: str) -> Actor:
    """Return the actor for work that nobody asked for: sweeps, schedules, sealing."""
    return Actor(kind=ActorKind.SYSTEM, identifier=part, label=part, right=Right.ADMIN)
