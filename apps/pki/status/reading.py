"""Status of certificates held by reference: for hot reads that parse no certificate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from apps.core.errors import Invalid
from apps.pki.status import answers
from apps.pki.status.answers import Key
from apps.pki.status.records import Answer

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Held:
    """A foreign certificate that was accepted earlier, and how old an answer about it may be."""

    issuer_fingerprint: bytes
    serial: bytes
    max_age: timedelta

    @property
    def key(self) -> Key:
        """Issuer's SHA-256 and serial number."""
        return self.issuer_fingerprint, self.serial


def require_good(held: Sequence[Held], *, at: datetime) -> None:
    """Check foreign certificates by what is stored; three queries for any number, none for none.

    Raises Invalid: `revoked` if any stored answer says so, `status_unknown` where there is none or
    the newest is older than `max_age`. Our own authorities' certificates are not asked about:
    their revocation takes what they stand for out of the pools at once.
    """
    for error in refused({None: held}, at=at).values():
        raise error


def refused(held: Mapping[_T, Sequence[Held]], *, at: datetime) -> dict[_T, Invalid]:
    """Return the error of each object that hangs on a certificate which is not good."""
    keys = {one.key for certificates in held.values() for one in certificates}
    known = answers.load(keys) if keys else {}
    errors: dict[_T, Invalid] = {}
    for name, certificates in held.items():
        for one in certificates:
            error = _error(one, known[one.key].values(), at)
            if error is not None:
                errors[name] = error
    return errors


def _error(one: Held, found: Iterable[Answer], at: datetime) -> Invalid | None:
    stored = list(found)
    if any(not answer.good for answer in stored):
        return Invalid("revoked", "A certificate of the chain is revoked.")
    newest = max((answer.learnt_at for answer in stored), default=None)
    if newest is None or at - newest > one.max_age:
        return Invalid("status_unknown", "The revocation status of the chain is not known.")
    return None
