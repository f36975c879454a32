"""Backends that call the API: made, switched off, given another secret."""

import secrets
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction

from apps.audit.services import record
from apps.core.actor import Actor, Role
from apps.core.errors import Invalid
from apps.participants import records, rights, selectors
from apps.participants.hashers import LongSecretHasher
from apps.participants.models import ApiClient, Organization
from apps.participants.rights import Operation

SECRET_BYTES = 32


def create_client(
    *, actor: Actor, organization: Organization, name: str, roles: Collection[Role] | None = None
) -> tuple[ApiClient, str]:
    """Make an API client; return it with its secret, which is shown once and kept only hashed.

    `roles` are some of the organisation's, all of them when not given. Raises Forbidden, Invalid.
    """
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=organization.pk)
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid("name", "A name of 1 to 100 printable characters is needed.")
    granted = _roles(organization, roles)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        client = ApiClient.objects.create(
            organization=organization,
            name=name,
            roles=granted,
            client_type=ApiClient.CLIENT_CONFIDENTIAL,
            authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
            client_secret=_hashed(secret),
        )
        _record(actor, "participants.create_client", client, {"name": name, "roles": granted})
    return client, secret


def replace_secret(*, actor: Actor, client: ApiClient) -> str:
    """Give a client another secret; the old one ends at once, tokens it obtained do not."""
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        ApiClient.objects.filter(pk=client.pk).update(client_secret=_hashed(secret))
        _record(actor, "participants.replace_secret", client, {})
    return secret


def set_client_enabled(*, actor: Actor, client: ApiClient, enabled: bool) -> None:
    """Switch a client off or on; every process follows within API_CLIENT_RECORD_MAX_AGE_S."""
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    with transaction.atomic():
        changed = ApiClient.objects.filter(pk=client.pk, enabled=not enabled).update(
            enabled=enabled
        )
        if changed:
            _record(actor, "participants.set_client_enabled", client, {"enabled": enabled})
        transaction.on_commit(partial(records.forget, client.client_id))
    client.enabled = enabled


def set_client_roles(*, actor: Actor, client: ApiClient, roles: Collection[Role]) -> None:
    """Change the roles of a client; they are some of its organisation's."""
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    granted = _roles(client.organization, roles)
    with transaction.atomic():
        ApiClient.objects.filter(pk=client.pk).update(roles=granted)
        _record(actor, "participants.set_client_roles", client, {"roles": granted})
        transaction.on_commit(partial(records.forget, client.client_id))
    client.roles = granted


def _roles(organization: Organization, wanted: Collection[Role] | None) -> list[str]:
    held = selectors.roles_of(organization)
    granted = held if wanted is None else frozenset(wanted)
    if not granted or not granted <= held:
        raise Invalid("roles", "The roles must be some of the organisation's own.")
    return sorted(role.value for role in granted)


def _hashed(secret: str) -> str:
    hasher = LongSecretHasher()
    return hasher.encode(secret, hasher.salt())


def _record(actor: Actor, action: str, client: ApiClient, detail: dict[str, Any]) -> None:
    record(
        actor=actor,
        action=action,
        target_type="api_client",
        target_id=client.client_id,
        detail=detail,
    )
