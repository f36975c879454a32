"""Versioned secret keys from settings: `["1:<base64 of 32 bytes>", "2:..."]`.

The highest version is used for new work, the others still open and verify what they made.
"""

import base64
import binascii
from collections.abc import Sequence
from functools import lru_cache

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
MAX_VERSION = 32_767
"""What a PositiveSmallIntegerField holds on every database."""


def secret_keys(configured: Sequence[str], name: str) -> dict[int, bytes]:
    """Return version -> key. Raises ImproperlyConfigured, which names the setting, not the key."""
    return _parsed(tuple(configured), name)


def newest(configured: Sequence[str], name: str) -> tuple[int, bytes]:
    """Return the highest version and its key."""
    keys = secret_keys(configured, name)
    version = max(keys)
    return version, keys[version]


@lru_cache(maxsize=16)
def _parsed(configured: tuple[str, ...], name: str) -> dict[int, bytes]:
    keys: dict[int, bytes] = {}
    for number, entry in enumerate(configured, start=1):
        version, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not version.isascii() or not version.isdigit() or not 0 < int(version) <= MAX_VERSION:
            raise ImproperlyConfigured(f"{name}: entry {number} needs a version: 1, 2, 3, ...")
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{name}: entry {number} needs base64 of 32 bytes")
        if int(version) in keys:
            raise ImproperlyConfigured(f"{name}: version {version} stands there twice")
        keys[int(version)] = key
    if not keys:
        raise ImproperlyConfigured(f"{name} holds no key")
    return keys
