"""The ecosystem that the portal's tests look at, and browsers of its people."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from tests.portal import world
from tests.portal.world import Party, World

Browser = Callable[[Party], Client]


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    """Log-in attempts of other tests do not count."""
    cache.clear()


@pytest.fixture
def ecosystem(db: None) -> World:
    """Two parties of each role with their rows, and the operator."""
    return world.build()


@pytest.fixture
def operator(db: None) -> Party:
    """The operator alone, where the rows do not matter."""
    return world.operator()


@pytest.fixture
def browser() -> Browser:
    """Log a party's person in."""

    def opened(party: Party) -> Client:
        client = Client()
        client.force_login(party.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return opened
