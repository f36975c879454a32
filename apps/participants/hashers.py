"""How secrets of API clients are kept."""

import hashlib
import hmac
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, check_password


class LongSecretHasher(BasePasswordHasher):
    """Salted SHA-256, for secrets that we made ourselves from 256 random bits; never for passwords.

    Nobody can search through 2^256 secrets, so a slow hash would protect nothing here and would
    only let a few requests a second keep the token endpoint busy.
    """

    algorithm = "sha256_long"

    def encode(self, password: str, salt: str) -> str:
        digest = hashlib.sha256(f"{salt}${password}".encode()).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        expected = self.encode(password, self.decode(encoded)["salt"])
        return hmac.compare_digest(expected.encode(), encoded.encode())

    def safe_summary(self, encoded: str) -> Any:
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: there is one way and it takes microseconds."""


def matches(secret: str, stored: str) -> bool:
    """Tell whether a secret is one of those kept, see `ApiClient`; unhashed ones never match."""
    return any(check_password(secret, one) for one in stored.split())
