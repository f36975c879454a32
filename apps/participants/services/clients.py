"""Backends that call the API: made, switched off, given another secret."""

import secrets
import uuid
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db import transaction

from apps.audit.services import record
from apps.core import locks
from apps.core.actor import Actor, Role
from apps.core.errors import Conflict, Invalid
from apps.participants import records, rights, selectors
from apps.participants.hashers import LongSecretHasher
from apps.participants.models import ApiClient, Organization
from apps.participants.rights import Operation

SECRET_BYTES = 32


def create_client(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    roles: Collection[Role] | None = None,
    identifier: uuid.UUID | None = None,
) -> tuple[ApiClient, str]:
    """Make an API client; return it with its secret, which is shown once and kept only hashed.

    `roles` are some of the organisation's, all of them when not given. With an `identifier` (a
    page draws one) a second press makes nothing. Raises Forbidden, Invalid, Conflict (`made`).
    """
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=organization.pk)
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid("name", "A name of 1 to 100 printable characters is needed.")
    granted = _roles(organization, roles)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    chosen = {"client_id": identifier.hex} if identifier else {}
    with transaction.atomic():
        locks.hold(f"clients:{organization.pk}")
        if chosen and ApiClient.objects.filter(**chosen).exists():
            raise Conflict(
                "made", "This API client was made already. If you missed its secret, add another."
            )
        client = ApiClient.objects.create(
            **chosen,
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
    """Give a client another secret; the old ones end at once, tokens they obtained do not."""
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        ApiClient.objects.filter(pk=client.pk).update(client_secret=_hashed(secret))
        _record(actor, "participants.replace_secret", client, {})
    return secret


def add_secret(*, actor: Actor, client: ApiClient) -> str:
    """Give a client a second secret, so that its backend can change over; both are valid.

    Raises Forbidden, Conflict (`two_secrets`).
    """
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        held = _held(client)
        if len(held) > 1:
            raise Conflict("two_secrets", "It has two secrets already. Retire the older one first.")
        _keep(client, [*held, _hashed(secret)])
        _record(actor, "participants.add_secret", client, {})
    return secret


def retire_secret(*, actor: Actor, client: ApiClient) -> None:
    """End the older of two secrets. Raises Forbidden, Conflict (`one_secret`)."""
    rights.require(actor, Operation.CLIENTS_MANAGE, organization_id=client.organization_id)
    with transaction.atomic():
        held = _held(client)
        if len(held) < 2:
            raise Conflict("one_secret", "It has one secret only, which cannot be retired.")
        _keep(client, held[1:])
        _record(actor, "participants.retire_secret", client, {})


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


def _held(client: ApiClient) -> list[str]:
    locks.hold(f"client:{client.client_id}")
    return ApiClient.objects.get(pk=client.pk).secret_hashes


def _keep(client: ApiClient, hashes: list[str]) -> None:
    client.client_secret = " ".join(hashes)
    ApiClient.objects.filter(pk=client.pk).update(client_secret=client.client_secret)


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
