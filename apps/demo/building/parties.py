"""Admitting the organisations with their people, codes and API clients."""

import secrets
from dataclasses import dataclass
from typing import Any

from apps.core.actor import Actor, Role, system
from apps.demo.building.plan import Party, Person
from apps.participants import selectors, services
from apps.participants.models import Organization, User
from v2g.ids import OperatorId, ProviderId, Wmi

BUILDER = system("demo")


@dataclass(frozen=True, slots=True)
class Admitted:
    """An organisation as it stands in the database, with what only the demo may know."""

    party: Party
    organization: Organization
    logins: tuple[tuple[Person, User, str], ...]
    clients: tuple[dict[str, Any], ...]

    def actor(self, person: int = 0) -> Actor:
        """The actor of one of its people, read afresh."""
        user = self.logins[person][1]
        return selectors.actor_of_member(user=user, organization=self.organization)

    def as_json(self) -> dict[str, Any]:
        party = self.party
        return {
            "name": party.name,
            "roles": [role.value for role in party.roles],
            "own_pki": party.own_pki,
            "wmis": list(party.wmis),
            "provider_ids": list(party.provider_ids),
            "operator_ids": list(party.operator_ids),
            "clients": list(self.clients),
            "users": [
                {"username": person.email, "password": password, "right": person.right.value}
                for person, _, password in self.logins
            ],
        }


def admit(party: Party) -> Admitted:
    """Create the organisation and everything that belongs to it."""
    organization = services.create_organization(
        actor=BUILDER, name=party.name, roles=party.roles, own_pki=party.own_pki
    )
    for wmi in party.wmis:
        services.assign_wmi(actor=BUILDER, organization=organization, wmi=Wmi.parse(wmi))
    for provider in party.provider_ids:
        services.assign_provider_id(
            actor=BUILDER, organization=organization, provider_id=ProviderId.parse(provider)
        )
    for operator in party.operator_ids:
        services.assign_operator_id(
            actor=BUILDER, organization=organization, operator_id=OperatorId.parse(operator)
        )
    logins = tuple(_login(organization, person) for person in party.people)
    clients = tuple(_client(organization, roles) for roles in party.clients or (party.roles,))
    return Admitted(party, organization, logins, clients)


def _login(organization: Organization, person: Person) -> tuple[Person, User, str]:
    password = secrets.token_urlsafe(12)
    user = services.create_member(
        actor=BUILDER,
        organization=organization,
        email=person.email,
        right=person.right,
        name=person.name,
        password=password,
    )
    return person, user, password


def _client(organization: Organization, roles: tuple[Role, ...]) -> dict[str, Any]:
    name = f"{organization.name} backend ({'+'.join(roles)})"
    client, secret = services.create_client(
        actor=BUILDER, organization=organization, name=name, roles=roles
    )
    return {
        "client_id": client.client_id,
        "client_secret": secret,
        "roles": [role.value for role in roles],
    }
