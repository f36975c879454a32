"""Generated calls of all operations with a token of each role: no 5xx, nothing undocumented."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.core import queue
from apps.core.actor import Role
from apps.events import services as events
from apps.events.models import EventKind
from apps.participants import selectors, tokens
from apps.participants.models import Organization
from apps.pki.models import Authority
from apps.portal.api.document import document
from config.wsgi import application
from tests.factories import contracts, parties, trust
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

Purpose = Authority.Purpose
EXAMPLES = 6 if connection.vendor == "sqlite" else 2
"""Shapes do not depend on the database; the second pass looks for values that it cannot hold."""
SERVED = 9
"""Operations open to every role, without a body that only a CA can make."""
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


schemathesis.serializer.alias("application/pkcs10", "text/plain")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works on what these calls queue."""
    monkeypatch.setattr(queue, "_send", lambda task, args: None)


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """As Django's test client does: a closed connection would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(name="world")
def _world() -> contracts.World:
    made = contracts.world(own_pki=True)
    made.generate()
    trust.v2g_ecosystem(purposes=(Purpose.CPO, Purpose.OEM))
    trust.v2g_ecosystem(version=IsoVersion.ISO_20)
    return made


def _organization(world: contracts.World, role: Role) -> Organization:
    """Who owns what the world holds, where the role can own anything of it."""
    owners = {Role.MO: world.mo.organization, Role.OEM: world.vehicle.owner}
    return owners.get(role) or parties.organization(roles=[role])


def _known(world: contracts.World, organization: Organization) -> dict[str, str]:
    """Values that lead somewhere, by the names of path parameters and fields."""
    actor = parties.actor(organization=organization)
    endpoint = events.create_endpoint(
        actor=actor, url="https://hooks.example.com/", events=[EventKind.ROOT_ADDED]
    )
    delivery = events.send_test(actor=actor, endpoint=endpoint)
    pcid, emaid = str(world.vehicle.pcid), str(world.emaid)
    return {
        "pcid": pcid,
        "emaid": emaid,
        "root_certificate_id": str(world.signer.root.uuid),
        "endpoint_id": str(endpoint.uuid),
        "delivery_id": str(delivery.uuid),
        "GET identifier": pcid,
        "DELETE identifier": emaid,
    }


@cache
def _operations() -> list[Any]:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    found = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        found.append(result.ok())
    return found


def _aim(case: Any, known: dict[str, str]) -> None:
    """Put known values where the case has a parameter or field of their name."""
    for parameters in (case.path_parameters, case.body):
        if isinstance(parameters, dict):
            for name in parameters:
                found = known.get(f"{case.method} {name}") or known.get(name)
                if found:
                    parameters[name] = found


def _run(operation: Any, headers: dict[str, str], known: dict[str, str]) -> set[int]:
    """Call one operation; the statuses that it answered with."""
    statuses: set[int] = set()
    kinds = st.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES])

    @BOUNDED
    @given(case=kinds, aimed=st.booleans())
    def call(case: Any, aimed: bool) -> None:
        if aimed:
            _aim(case, known)
        statuses.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    call()
    return statuses


@pytest.mark.parametrize("role", list(Role))
def test_no_call_breaks_it(role: Role, world: contracts.World) -> None:
    organization = _organization(world, role)
    known = _known(world, organization)
    client, _ = parties.client(organization=organization)
    token = tokens.issue(selectors.actor_of_client(client.client_id), audience="http://testserver")
    found, served = [], 0
    for operation in _operations():
        try:
            statuses = _run(operation, {"Authorization": f"Bearer {token}"}, known)
            served += bool(statuses & {200, 201, 202})
        except (FailureGroup, Failure) as failure:
            found.append(f"{operation.label}: {failure}")
    assert not found, "\n".join(found)
    assert served >= SERVED


def test_nobody_gets_further_than_the_token(world: contracts.World) -> None:
    open_to_all = {"issue-token", "getKeySet"}
    refused = 0
    for operation in _operations():
        raw = operation.definition.raw
        if raw["operationId"] in open_to_all:
            continue
        case = operation.Case(
            path_parameters={"ca": "oem", "iso_version": "ISO15118-2"}
            | dict.fromkeys(_names_in(operation.path), "x")
        )
        answer = case.call_and_validate(checks=CHECKS)
        assert answer.status_code == 401, raw["operationId"]
        refused += 1
    assert refused > 30


def _names_in(path: str) -> list[str]:
    return [each[1:-1] for each in path.split("/") if each[:1] == "{" and each[1:-1] != "ca"]
