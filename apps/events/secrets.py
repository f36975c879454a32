"""The secret of an endpoint: made once, sealed in its row, opened to sign or to be shown."""

import secrets

from apps.events.models import WebhookEndpoint
from apps.keys import vault

TABLE = "events_webhookendpoint"


def give(endpoint: WebhookEndpoint) -> None:
    """Put a new secret of 256 random bits into a row that is not saved yet."""
    plain = secrets.token_urlsafe(32).encode()
    endpoint.key_version, endpoint.sealed = vault.seal(plain, table=TABLE, row=endpoint.uuid)


def open_(endpoint: WebhookEndpoint) -> bytes:
    """Return the secret as the receiver knows it: the octets of its text."""
    return vault.open_(
        bytes(endpoint.sealed), table=TABLE, row=endpoint.uuid, version=endpoint.key_version
    )
