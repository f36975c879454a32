"""Counting callers: by the address that we saw ourselves, and in the cache."""

import time

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory
from pytest_django import Settings

from apps.core.addresses import client_address
from apps.core.errors import TooMany
from apps.core.throttle import take


def seen(settings: Settings, proxies: int, forwarded: str | None) -> str:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")
    return client_address(request)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.5, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, None, "192.0.2.1"),
    ],
)
def test_only_what_our_own_proxies_wrote_counts(
    settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    assert seen(settings, proxies, forwarded) == address


def test_uses_are_counted_by_name_and_window() -> None:
    cache.clear()
    with time_machine.travel(time.time() // 60 * 60, tick=False) as clock:
        for _ in range(3):
            take("a", limit=3)
        with pytest.raises(TooMany):
            take("a", limit=3)
        take("b", limit=3)
        take("any \x00 thing \ud800", limit=3)
        clock.shift(60)
        take("a", limit=3)
