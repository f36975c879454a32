"""Status of certificates held by reference: for hot reads that parse no certificate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.core.errors import Invalid
from apps.pki.status import answers
from apps.pki.status.answers import Key


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


def require_good(held: Iterable[Held], *, at: datetime) -> None:
    """Check foreign certificates by what is stored; three queries for any number, none for none.

    Raises Invalid: `revoked` if any stored answer says so, `status_unknown` where there is none or
    the newest is older than `max_age`. Our own authorities' certificates are not asked about:
    their revocation takes what they stand for out of the pools at once.
    """
    asked = list(held)
    if not asked:
        return
    known = answers.load({one.key for one in asked})
    for one in asked:
        found = known[one.key].values()
        if any(not answer.good for answer in found):
            raise Invalid("revoked", "A certificate of the chain is revoked.")
        newest = max((answer.learnt_at for answer in found), default=None)
        if newest is None or at - newest > one.max_age:
            raise Invalid("status_unknown", "The revocation status of the chain is not known.")
