"""The OpenAPI document, put together from what each room says of its operations."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from types import ModuleType
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator

from apps.contract_pool.api import schema as contract_pool
from apps.core.api import shapes
from apps.events.api import schema as events
from apps.jobs.api import schema as jobs
from apps.participants.api import schema as participants
from apps.participants.api.description import Described
from apps.pki.api import schema as pki
from apps.provisioning_pool.api import schema as provisioning_pool
from apps.provisioning_service.api import schema as provisioning_service
from apps.root_pool.api import schema as root_pool

Endpoint = tuple[str, str, str, Callable[..., Any]]

_ROOMS: Final[tuple[ModuleType, ...]] = (
    participants,
    root_pool,
    provisioning_pool,
    provisioning_service,
    contract_pool,
    pki,
    events,
    jobs,
)


def operations() -> Iterator[Described]:
    """Every operation that is described."""
    return chain.from_iterable(room.OPERATIONS for room in _ROOMS)


@cache
def document() -> dict[str, Any]:
    """Return the whole document; it does not change while the process lives."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # untyped library
    return found


def describe(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Put our descriptions in place of the views (a hook of drf-spectacular).

    A view that is not described stays, so that the document's own check complains about it.
    """
    described = {(one.path, one.method): one for one in operations()}
    left = [each for each in endpoints if (each[0], each[2]) not in described]
    ours = [(one.path, one.path, one.method, one.view().as_view()) for one in described.values()]
    return left + ours


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the shapes that the operations refer to, and HTTP Basic (a hook of drf-spectacular)."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for room in (shapes, *_ROOMS):
        schemas.update(room.COMPONENTS)
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"]["basic"] = {"type": "http", "scheme": "basic"}
    return result
