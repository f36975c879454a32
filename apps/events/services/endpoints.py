"""Making, changing and deleting webhook endpoints (OPCP webhooks.v1)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from apps.audit.services import record
from apps.core import locks
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.events import audience, secrets, targets
from apps.events.models import EventKind, WebhookEndpoint
from apps.participants import rights
from apps.participants.models import Organization
from apps.participants.rights import Operation
from apps.participants.selectors import roles_of

State = WebhookEndpoint.State
CHANGEABLE: Final = ("url", "description", "api_version", "events", "metadata", "state")


def create_endpoint(
    *,
    actor: Actor,
    url: str,
    events: Sequence[EventKind],
    description: str = "",
    metadata: Mapping[str, Any] | None = None,
    enabled: bool = True,
    identifier: uuid.UUID | None = None,
) -> WebhookEndpoint:
    """Register where the actor's organisation is told of `events`; the secret is made here.

    With an `identifier` (a page draws one) a second press makes nothing: the first one's row is
    returned. Raises Forbidden, Invalid (`url`; `events` for some that the organisation's roles are
    never told of), Conflict (`webhooks_full`, `identifier_taken`).
    """
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=actor.organization_id)
    if actor.organization_id is None:
        raise Forbidden("role", "A webhook belongs to an organisation.")
    _require_told(Organization.objects.get(pk=actor.organization_id), events)
    endpoint = WebhookEndpoint(
        organization_id=actor.organization_id,
        url=targets.check(url),
        events=[event.value for event in events],
        description=description,
        metadata=dict(metadata or {}),
        state=State.ENABLED if enabled else State.DISABLED,
        created_by=actor.label[:150],
        uuid=identifier or uuid.uuid4(),
    )
    secrets.give(endpoint)
    with transaction.atomic():
        locks.hold(f"webhooks:{actor.organization_id}")
        known = WebhookEndpoint.objects.filter(uuid=endpoint.uuid).first()
        if known is not None:
            return _made_before(known, actor)
        _require_room(actor.organization_id)
        endpoint.save()
        _record(actor, "events.create_webhook", endpoint)
    return endpoint


def update_endpoint(
    *,
    actor: Actor,
    endpoint: WebhookEndpoint,
    url: str,
    events: Sequence[EventKind] | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    enabled: bool | None = None,
) -> WebhookEndpoint:
    """Change what is given (not None) of an own endpoint; secret and id stay.

    A disabled endpoint gets no new events; what waits for it waits on until it is enabled. Events
    that it has may stay, whatever became of the roles. Raises Forbidden, Invalid (`url`, `events`),
    Conflict (`webhook_gone`).
    """
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=endpoint.organization_id)
    changes: dict[str, Any] = {"url": targets.check(url), "resting_until": None}
    if events is not None:
        added = [event for event in events if event.value not in endpoint.events]
        _require_told(endpoint.organization, added)
        changes["events"] = [event.value for event in events]
    if description is not None:
        changes["description"] = description
    if metadata is not None:
        changes["metadata"] = dict(metadata)
    if enabled is not None:
        changes["state"] = State.ENABLED if enabled else State.DISABLED
    with transaction.atomic():
        _change(endpoint, changes)
        endpoint.refresh_from_db()
        _record(actor, "events.update_webhook", endpoint)
    return endpoint


def delete_endpoint(*, actor: Actor, endpoint: WebhookEndpoint) -> None:
    """Stop telling: nothing more is sent, the secret is destroyed, history stays its time.

    Raises Forbidden, Conflict (`webhook_gone`).
    """
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=endpoint.organization_id)
    with transaction.atomic():
        _change(endpoint, {"state": State.DELETED, "sealed": b""})
        _record(actor, "events.delete_webhook", endpoint)


def roll_secret(*, actor: Actor, endpoint: WebhookEndpoint) -> None:
    """Give an own endpoint another secret; the next attempt is signed with it.

    Raises Forbidden, Conflict (`webhook_gone`).
    """
    rights.require(actor, Operation.WEBHOOKS_WRITE, organization_id=endpoint.organization_id)
    secrets.give(endpoint)
    with transaction.atomic():
        _change(endpoint, {"key_version": endpoint.key_version, "sealed": endpoint.sealed})
        _record(actor, "events.roll_secret", endpoint)


def _made_before(known: WebhookEndpoint, actor: Actor) -> WebhookEndpoint:
    if known.organization_id != actor.organization_id or known.state == State.DELETED:
        raise Conflict("identifier_taken", "This form was used already. Open it again.")
    return known


def _change(endpoint: WebhookEndpoint, changes: Mapping[str, Any]) -> None:
    live = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(state=State.DELETED)
    if not live.update(**changes):
        raise Conflict("webhook_gone", "This webhook endpoint was deleted.")


def _require_told(organization: Organization, events: Sequence[EventKind]) -> None:
    """Refuse what would never arrive: whoever waits for it would wait for ever."""
    told = audience.kinds_of(roles_of(organization))
    never = [event.value for event in events if event not in told]
    if never:
        names = ", ".join(never)
        raise Invalid("events", f"enabledEvents : your organisation is never told of {names}")


def _require_room(organization_id: int) -> None:
    rows = WebhookEndpoint.objects.filter(organization_id=organization_id)
    limit = settings.WEBHOOK_ENDPOINTS_MAX
    if rows.exclude(state=State.DELETED).count() >= limit:
        raise Conflict("webhooks_full", f"An organisation may have {limit} webhook endpoints.")


def _record(actor: Actor, action: str, endpoint: WebhookEndpoint) -> None:
    record(
        actor=actor,
        action=action,
        target_type="webhook_endpoint",
        target_id=str(endpoint.uuid),
        # The path of a URL may be a secret of the receiver.
        detail={
            "host": urlsplit(endpoint.url).hostname,
            "state": endpoint.state,
            "events": list(endpoint.events),
        },
    )
