"""What is sent to a receiver: the envelope of OPCP webhook.payload.v1, and its signature."""

import hashlib
import hmac
import json
from datetime import UTC
from typing import Final

from apps.events.models import OutboxEvent
from v2g.protocol import IsoVersion

NAMESPACE: Final = "xsdMsgDefNamespace"


def render(event: OutboxEvent) -> bytes:
    """Return the body, the same octets for every attempt.

    Root events carry their namespace among their data; it stands beside it on the wire.
    """
    data = dict(event.payload)
    namespace = data.pop(NAMESPACE, IsoVersion.ISO_2.namespace)
    envelope = {
        "timestamp": event.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventId": str(event.uuid),
        "eventType": event.kind,
        NAMESPACE: namespace,
        "payload": data,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def headers(body: bytes, *, secret: bytes) -> dict[str, str]:
    """Return the headers of one request: HMAC-SHA256 over the body, in the three spellings in use.

    OPCP's text names two headers, its samples in Go and Java disagree about `sha256=`, and deployed
    receivers look for a third name: each finds the one that it reads.
    """
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Plugpool",
        "payload-signature": signature,
        "X-Hubject-Signature": f"sha256={signature}",
        "X-Operator-Signature": f"sha256={signature}",
    }
