"""The vault: what was sealed for one row opens for that row only, and only unchanged."""

import base64
import uuid

import pytest
from pytest_django import Settings

from apps.keys import vault

ROW = uuid.uuid4()


def test_what_was_sealed_opens_again() -> None:
    version, sealed = vault.seal(b"plain", table="t", row=ROW)
    assert b"plain" not in sealed
    assert vault.open_(sealed, table="t", row=ROW, version=version) == b"plain"


def test_sealing_twice_gives_different_texts() -> None:
    assert vault.seal(b"plain", table="t", row=ROW) != vault.seal(b"plain", table="t", row=ROW)


def test_another_row_table_or_version_does_not_open(settings: Settings) -> None:
    settings.VAULT_KEYS = [
        "1:" + base64.b64encode(b"v" * 32).decode(),
        "2:" + base64.b64encode(b"v" * 32).decode(),
    ]
    version, sealed = vault.seal(b"plain", table="t", row=ROW)
    assert version == 2
    for table, row, number in (("u", ROW, 2), ("t", uuid.uuid4(), 2), ("t", ROW, 1), ("t", ROW, 3)):
        with pytest.raises(vault.Unopenable):
            vault.open_(sealed, table=table, row=row, version=number)


def test_no_changed_octet_opens() -> None:
    version, sealed = vault.seal(b"plain", table="t", row=ROW)
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(vault.Unopenable):
            vault.open_(bytes(changed), table="t", row=ROW, version=version)
    for size in (0, 5, 12, 27):
        with pytest.raises(vault.Unopenable):
            vault.open_(sealed[:size], table="t", row=ROW, version=version)


def test_an_older_key_still_opens_after_a_roll(settings: Settings) -> None:
    version, sealed = vault.seal(b"plain", table="t", row=ROW)
    settings.VAULT_KEYS = [*settings.VAULT_KEYS, "2:" + base64.b64encode(b"w" * 32).decode()]
    assert vault.open_(sealed, table="t", row=ROW, version=version) == b"plain"
    assert vault.seal(b"plain", table="t", row=ROW)[0] == 2
