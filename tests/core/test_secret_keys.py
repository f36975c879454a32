"""Versioned secret keys from settings."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.core.secret_keys import newest, secret_keys

ONE = "1:" + base64.b64encode(b"a" * 32).decode()
TEN = "10:" + base64.b64encode(b"b" * 32).decode()


def test_the_highest_version_is_the_newest_wherever_it_stands() -> None:
    assert newest([TEN, ONE], "KEYS") == (10, b"b" * 32)
    assert secret_keys([ONE, TEN], "KEYS") == {1: b"a" * 32, 10: b"b" * 32}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [""],
        ["1:"],
        ["1:" + base64.b64encode(b"a" * 31).decode()],
        ["1:" + base64.b64encode(b"a" * 33).decode()],
        ["0:" + ONE[2:]],
        ["-1:" + ONE[2:]],
        ["x:" + ONE[2:]],
        ["٣:" + ONE[2:]],
        ["99999:" + ONE[2:]],
        [ONE[2:]],
        [ONE, ONE],
        ["1:" + "!" * 44],
    ],
)
def test_what_is_no_key_does_not_start_and_is_not_printed(entries: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        secret_keys(entries, "VAULT_KEYS")
    assert "VAULT_KEYS" in str(refused.value)
    assert ONE[2:] not in str(refused.value)
