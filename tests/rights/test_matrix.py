"""Every REST operation, every role, own, foreign and unknown objects, every kind of caller.

The statuses follow from the rights table, which `tests/participants/test_rights.py` compares with
PROTOCOL notes section 4. The ecosystem is built once for all; each call is taken back.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.conf import settings
from pytest_django import DjangoDbBlocker

from apps.core.actor import Role
from apps.participants import records
from apps.participants.models import ApiClient, OperatorId, ProviderId, Wmi
from apps.root_pool.tasks import roll_trust_list_signer
from tests.rights.cases import CASES, Case
from tests.rights.routes import guarded
from tests.rights.world import World, build, rolled_back

pytestmark = pytest.mark.django_db

Statuses = dict[tuple[str, str], int]
TOO_OLD_S = settings.API_CLIENT_RECORD_MAX_AGE_S + 0.1


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), rolled_back():
        made = build()
        roll_trust_list_signer()
        yield made


def each(case: Case, **changes: Any) -> Statuses:
    """What the table says, for every role and object."""
    return {
        (role.value, kind): case.expected(role, kind, **changes)
        for role in Role
        for kind in case.objects
    }


def asked(world: World, case: Case, *, only: Role | None = None, **how: Any) -> Statuses:
    """What callers get, for every role (or one) and object."""
    return {
        (role.value, kind): world.parties[role].send(case.method, make(world, role), **how)
        for role in ([only] if only else Role)
        for kind, make in case.objects.items()
    }


def unauthenticated(case: Case) -> Statuses:
    return dict.fromkeys(each(case), 401)


cases = pytest.mark.parametrize(
    "case", CASES, ids=[f"{one.method}-{one.route}-{one.label}" for one in CASES]
)


def test_every_operation_of_every_route_has_its_case() -> None:
    found = guarded()
    assert {(case.method, case.route) for case in CASES} == set(found)
    for case in CASES:
        assert found[case.method, case.route] in (case.operation, None), case.route


@cases
def test_a_token_opens_what_the_table_says(world: World, case: Case) -> None:
    assert asked(world, case) == each(case)


@pytest.mark.one_database
@cases
def test_without_a_token_nothing_is_open(world: World, case: Case) -> None:
    assert asked(world, case, anonymous=True) == unauthenticated(case)


@pytest.mark.one_database
@cases
def test_an_expired_token_opens_nothing(world: World, case: Case) -> None:
    with time_machine.travel(time.time() + settings.TOKEN_LIFETIME_S + 1, tick=False):
        assert asked(world, case) == unauthenticated(case)


@contextmanager
def five_seconds_later(world: World) -> Iterator[None]:
    """Every record was read by this process before what happened, which it did not see."""
    for party in world.parties.values():
        records.actor_of(party.client.client_id)
    read_at = time.monotonic()  # after all of them: on a slow machine reading takes a while
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "monotonic", lambda: read_at + TOO_OLD_S)
        yield
    records.forget_all()


@cases
def test_a_client_that_was_disabled_elsewhere_is_out_after_five_seconds(
    world: World, case: Case
) -> None:
    with rolled_back(), five_seconds_later(world):
        ApiClient.objects.update(enabled=False)
        assert asked(world, case) == unauthenticated(case)


@cases
def test_identifiers_that_were_taken_elsewhere_open_nothing_after_five_seconds(
    world: World, case: Case
) -> None:
    found: Statuses = {}
    for role, party in world.parties.items():
        with rolled_back(), five_seconds_later(world):
            for owned in (Wmi, ProviderId, OperatorId):
                owned.objects.filter(organization=party.organization).delete()
            found |= asked(world, case, only=role)
    assert found == each(case, stripped=True)
