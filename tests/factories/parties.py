"""Organisations, clients, people and actors, made through the services that make real ones."""

import itertools
from collections.abc import Collection

from apps.core.actor import Actor, ActorKind, Right, Role, system
from apps.participants import selectors, services
from apps.participants.models import ApiClient, Organization, User
from v2g.ids import OperatorId, ProviderId, Wmi

_numbers = itertools.count(1)
SYSTEM = system("tests")


def organization(
    *,
    roles: Collection[Role] = (Role.OEM,),
    name: str = "",
    own_pki: bool = False,
    wmis: Collection[str] = (),
    provider_ids: Collection[str] = (),
    operator_ids: Collection[str] = (),
) -> Organization:
    """Admit an organisation with its identifiers, the needed roles included."""
    needed = set(roles)
    needed |= {Role.OEM} if wmis else set()
    needed |= {Role.MO} if provider_ids else set()
    needed |= {Role.CPO} if operator_ids else set()
    made = services.create_organization(
        actor=SYSTEM,
        name=name or f"Organisation {next(_numbers)}",
        roles=needed,
        own_pki=own_pki,
    )
    for wmi in wmis:
        services.assign_wmi(actor=SYSTEM, organization=made, wmi=Wmi.parse(wmi))
    for provider_id in provider_ids:
        services.assign_provider_id(
            actor=SYSTEM, organization=made, provider_id=ProviderId.parse(provider_id)
        )
    for operator_id in operator_ids:
        services.assign_operator_id(
            actor=SYSTEM, organization=made, operator_id=OperatorId.parse(operator_id)
        )
    return made


def client(
    *, organization: Organization, name: str = "Backend", roles: Collection[Role] | None = None
) -> tuple[ApiClient, str]:
    """Make an API client; returns it and its secret."""
    return services.create_client(actor=SYSTEM, organization=organization, name=name, roles=roles)


def actor(*, organization: Organization, roles: Collection[Role] | None = None) -> Actor:
    """Return the actor of a new API client of the organisation."""
    made, _ = client(organization=organization, roles=roles)
    return selectors.actor_of_client(made.client_id)


def member(
    *,
    organization: Organization,
    right: Right = Right.EDITOR,
    email: str = "",
    name: str = "",
    password: str | None = None,
) -> User:
    """Make a person who is a member of the organisation."""
    return services.create_member(
        actor=SYSTEM,
        organization=organization,
        email=email or f"person{next(_numbers)}@example.test",
        right=right,
        name=name,
        password=password,
    )


def person(*, organization: Organization, right: Right = Right.EDITOR) -> Actor:
    """Return the actor of a new member of the organisation."""
    user = member(organization=organization, right=right)
    return selectors.actor_of_member(user=user, organization=organization)


def bare_actor(
    *,
    roles: Collection[Role],
    right: Right = Right.EDITOR,
    kind: ActorKind = ActorKind.CLIENT,
    own_pki: bool = False,
    wmis: Collection[str] = (),
    provider_ids: Collection[str] = (),
    operator_ids: Collection[str] = (),
    organization_id: int = 1,
) -> Actor:
    """Return an actor without any row, for rules that read nothing else."""
    return Actor(
        kind=kind,
        identifier="bare",
        label="Bare",
        organization_id=organization_id,
        roles=frozenset(roles),
        own_pki=own_pki,
        wmis=frozenset(wmis),
        provider_ids=frozenset(provider_ids),
        operator_ids=frozenset(operator_ids),
        right=right,
    )
