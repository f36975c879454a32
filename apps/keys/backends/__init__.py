"""Key backends: where private keys live and sign. One small base class, one module for each."""

from apps.keys.backends.base import BackendKey, KeyBackend
from apps.keys.backends.vault import VaultBackend

BACKENDS: dict[str, KeyBackend] = {VaultBackend.name: VaultBackend()}

__all__ = ["BACKENDS", "BackendKey", "KeyBackend", "VaultBackend"]
