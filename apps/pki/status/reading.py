"""Status of certificates held by reference: for hot reads that parse no certificate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.conf import settings
from django.db import connection

from apps.core import statements
from apps.core.errors import Invalid
from apps.pki.status.answers import Key

_T = TypeVar("_T")
BATCH: Final = 200


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
    """Check foreign certificates by what is stored; one query for any number, none for none.

    Raises Invalid: `revoked` if any stored answer says so, `status_unknown` where there is none or
    the newest is older than `max_age`. Our own authorities' certificates are not asked about:
    their revocation takes what they stand for out of the pools at once.
    """
    for error in refused({None: held}, at=at).values():
        raise error


def refused(held: Mapping[_T, Sequence[Held]], *, at: datetime) -> dict[_T, Invalid]:
    """Return the error of each object that hangs on a certificate which is not good."""
    asked = [one for certificates in held.values() for one in certificates]
    found = {key: state for one in _parts(asked) for key, state in _states(one, at).items()}
    errors: dict[_T, Invalid] = {}
    for name, certificates in held.items():
        states = [found[one.key] for one in certificates]
        if any(state.revoked for state in states):
            errors[name] = Invalid("revoked", "A certificate of the chain is revoked.")
        elif not all(state.fresh for state in states):
            text = "The revocation status of the chain is not known."
            errors[name] = Invalid("status_unknown", text)
    return errors


def to_ask(held: Mapping[_T, Sequence[Held]], *, at: datetime) -> list[_T]:
    """Return the objects about which a write asks anew: an answer is STATUS_REUSE_S old or more."""
    young = timedelta(seconds=settings.STATUS_REUSE_S)
    recent = {
        name: [replace(one, max_age=young) for one in certificates]
        for name, certificates in held.items()
    }
    return list(refused(recent, at=at))


@dataclass(frozen=True, slots=True)
class _State:
    """What the stored answers about one certificate say together."""

    revoked: bool
    fresh: bool


# One statement for CRL and OCSP answers: this is read for every vehicle at every charge point.
_STATES: Final = """
SELECT asked.issuer, asked.serial,
       EXISTS (SELECT 1 FROM pki_foreignrevocation r
                WHERE r.crl_id = c.id AND r.serial = asked.serial)
           OR (o.id IS NOT NULL AND o.status <> 'good'),
       (c.id IS NOT NULL AND c.fetched_at >= asked.since)
           OR (o.id IS NOT NULL AND o.fetched_at >= asked.since)
  FROM asked
  LEFT JOIN pki_foreigncrl c ON c.issuer_fingerprint = asked.issuer
  LEFT JOIN pki_ocspanswer o ON o.issuer_fingerprint = asked.issuer AND o.serial = asked.serial
"""


def _states(asked: Sequence[Held], at: datetime) -> dict[Key, _State]:
    adapt = connection.ops.adapt_datetimefield_value
    unique = {one.key: adapt(at - one.max_age) for one in asked}
    values = ", ".join(["(%s, %s, %s)"] * len(unique))
    parameters = [value for key, since in unique.items() for value in (*key, since)]
    sql = f"WITH asked (issuer, serial, since) AS (VALUES {values}) {_STATES}"
    return {
        (bytes(issuer), bytes(serial)): _State(bool(revoked), bool(fresh))
        for issuer, serial, revoked, fresh in statements.run(sql, parameters)
    }


def _parts(asked: Sequence[Held]) -> Iterator[Sequence[Held]]:
    for start in range(0, len(asked), BATCH):
        yield asked[start : start + BATCH]
