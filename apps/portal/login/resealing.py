"""Second factors and the versions of the vault key: their sealed texts stand inside JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from allauth.mfa import utils as mfa
from allauth.mfa.models import Authenticator
from django.db import connection, transaction

FIELDS: Final = ("secret", "seed", "migrated_codes")
"""What allauth gives to its adapter to seal; passkeys hold nothing secret."""


class Authenticators:
    """The rows of allauth whose texts `MfaAdapter` sealed as `version:base64`."""

    name: Final = "mfa_authenticator"

    def versions(self) -> Counter[int]:
        """Return how many texts each version of the vault key sealed."""
        return Counter(
            _version(text)
            for data in _rows().values_list("data", flat=True).iterator()
            for text in _texts(data)
        )

    def reseal(self, *, version: int, limit: int) -> int:
        """Seal again the texts of at most so many rows; return how many rows."""
        found = (
            pk
            for pk, data in _rows().values_list("pk", "data").iterator()
            if any(_version(text) != version for text in _texts(data))
        )
        wanted = [pk for pk, _ in zip(found, range(limit), strict=False)]
        done = 0
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            for row in _rows().filter(pk__in=wanted).select_for_update(skip_locked=skip):
                row.data = {name: _again(name, value) for name, value in row.data.items()}
                row.save(update_fields=["data"])
                done += 1
        return done


def _rows() -> Any:
    sealed = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    return Authenticator.objects.filter(type__in=sealed).order_by("pk")


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for name in FIELDS:
        value = data.get(name, [])
        yield from [value] if isinstance(value, str) else value


def _again(name: str, value: Any) -> Any:
    if name not in FIELDS:
        return value
    if isinstance(value, str):
        return mfa.encrypt(mfa.decrypt(value))
    return [mfa.encrypt(mfa.decrypt(text)) for text in value]


def _version(text: str) -> int:
    return int(text.partition(":")[0])
