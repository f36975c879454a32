"""What callers send about webhook endpoints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from apps.core.api.parameters import number
from apps.core.errors import Invalid
from apps.events.models import EventKind, WebhookEndpoint

MAX_EVENTS: Final = 100
MAX_DESCRIPTION: Final = 500
MAX_METADATA: Final = 4000
MAX_OFFSET: Final = 100_000
PAGE: Final = 50
RENAMED: Final = {"mo.prov.cert.updated.factory.reset": EventKind.MO_PROV_CERT_FACTORY_RESET}
"""Deprecated names (PROTOCOL notes 22); the documented one is kept and shown."""
STATES: Final = {
    WebhookEndpoint.State.ENABLED.value: True,
    WebhookEndpoint.State.DISABLED.value: False,
}


@dataclass(frozen=True, slots=True)
class EndpointBody:
    """EndpointRequest and EndpointUpdateRequest; None where a field was not sent."""

    url: str
    events: list[EventKind] | None
    description: str | None
    metadata: dict[str, Any] | None
    enabled: bool | None

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the body; Invalid names the field that is missing or malformed."""
        if not isinstance(body, dict):
            raise Invalid("body", "The request body must be a JSON object.")
        _check_api_version(body.get("apiVersion"))
        return cls(
            url=_text(body, "url") or "",
            events=_events(_either(body, "enabledEvents", "events")),
            description=_description(_text(body, "description")),
            metadata=_metadata(_either(body, "metadata", "metaData")),
            enabled=_enabled(_text(body, "status")),
        )

    def subscribed(self) -> list[EventKind]:
        """Return the events of a new endpoint, which must name at least one."""
        if self.events is None:
            raise Invalid("events", "enabledEvents : must not be empty")
        return self.events


def page(parameters: Mapping[str, str]) -> slice:
    """Read `limit` (1 to 50) and `offset` of a list that is open to the past."""
    limit = number(parameters, "limit", default=PAGE, most=PAGE)
    offset = number(parameters, "offset", default=0, most=MAX_OFFSET)
    return slice(offset, offset + max(limit, 1))


def _either(body: Mapping[str, Any], name: str, other: str) -> object:
    """Read a field that OPCP spells in two ways."""
    value = body.get(name)
    return body.get(other) if value is None else value


def _check_api_version(value: object) -> None:
    if value is not None and (not isinstance(value, str) or value.lower() not in ("", "v1")):
        raise Invalid("api_version", "apiVersion : must be v1")


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(name, f"{name} : must be a string")
    if value is not None and "\0" in value:
        raise Invalid(name, f"{name} : must not hold a NUL character")
    return value


def _description(value: str | None) -> str | None:
    if value is not None and len(value) > MAX_DESCRIPTION:
        raise Invalid("description", f"description : at most {MAX_DESCRIPTION} characters")
    return value


def _events(value: object) -> list[EventKind] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 0 < len(value) <= MAX_EVENTS:
        raise Invalid("events", "enabledEvents : must be a list of one or more events")
    return list(dict.fromkeys(_event(name) for name in value))


def _event(name: object) -> EventKind:
    if isinstance(name, str) and name in RENAMED:
        return RENAMED[name]
    if not isinstance(name, str) or name not in EventKind.values:
        raise Invalid("events", "enabledEvents : contains an unknown event")
    return EventKind(name)


def _metadata(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid("metadata", "metadata : must be an object")
    text = json.dumps(value)
    # A NUL is JSON, but no text of PostgreSQL's.
    if len(text) > MAX_METADATA or "\\u0000" in text:
        raise Invalid("metadata", f"metadata : at most {MAX_METADATA} characters of JSON")
    return value


def _enabled(value: str | None) -> bool | None:
    if value is None:
        return None
    if value not in STATES:
        raise Invalid("status", "status : must be enabled or disabled")
    return STATES[value]
