"""Sealing of what must not be readable from the database alone.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext. The associated
data names the table, the row and the version of the vault key, so a sealed value that is copied to
another row, or labelled with another version, does not open.

`settings.VAULT_KEYS` holds `version:base64 of 32 bytes`; VAULT_SEALS_WITH names the version that
seals (the highest, where it is 0), all of them open. The keys never stand in the database.
"""

import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.core.secret_keys import newest, secret_keys

NONCE_BYTES = 12


class Unopenable(Exception):
    """A sealed value that was changed, moved, or sealed with a vault key that is not here.

    Not a DomainError: no caller can mend it, and what opens nothing must not look like an answer.
    """


def seal(plain: bytes, *, table: str, row: uuid.UUID) -> tuple[int, bytes]:
    """Seal `plain` for one row; return the version of the vault key and nonce || ciphertext."""
    version = sealing_version()
    key = secret_keys(settings.VAULT_KEYS, "VAULT_KEYS")[version]
    nonce = os.urandom(NONCE_BYTES)
    return version, nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(table, row, version))


def sealing_version() -> int:
    """Return the version of the vault key that seals. Raises ImproperlyConfigured."""
    version = int(settings.VAULT_SEALS_WITH)
    if not version:
        return newest(settings.VAULT_KEYS, "VAULT_KEYS")[0]
    if version not in secret_keys(settings.VAULT_KEYS, "VAULT_KEYS"):
        raise ImproperlyConfigured(f"VAULT_SEALS_WITH: VAULT_KEYS holds no version {version}")
    return version


def open_(sealed: bytes, *, table: str, row: uuid.UUID, version: int) -> bytes:
    """Open what `seal` made for this row. Raises Unopenable."""
    key = secret_keys(settings.VAULT_KEYS, "VAULT_KEYS").get(version)
    if key is None:
        raise Unopenable(f"Vault key {version} is not configured")
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound_to(table, row, version))
    except (InvalidTag, ValueError) as error:
        raise Unopenable(f"The sealed value of {table} {row} does not open") from error


def _bound_to(table: str, row: uuid.UUID, version: int) -> bytes:
    return f"{table}\0{row}\0{version}".encode()
