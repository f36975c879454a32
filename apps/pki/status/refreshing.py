"""Fetching stored answers about foreign certificates again before reads call them too old.

Each row is taken by moving its `next_try_at` on, under the condition that nobody else did so: that
is lease and pause between tries in one, so two sweeps at once ask nobody twice and a service that
is gone is left alone for ten minutes. Nothing here is done inside a transaction but the writes.

A CRL answers for all certificates of its issuer with one request. Answers about one certificate are
due at times spread by its serial number (`answers`), so that what came in one import is not asked
about in one hour; a sweep asks for at most MAX_ANSWERS of them, which is five million in a week.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import Final

from structlog import get_logger

from apps.core import http, transactions
from apps.pki.models import ForeignCrl, OcspAnswer, StatusIssuer
from apps.pki.status import answers, fetching
from v2g.errors import StatusError
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl
from v2g.pki.status import Status

log = get_logger(__name__)

MAX_CRLS: Final = 20
MAX_ANSWERS: Final = 500
MAX_SECONDS: Final = 45.0
"""No row is taken after that long; what is left is due for the next sweep."""
MAX_SECONDS_EACH: Final = 15.0
"""An address that took so long in one sweep waits for the next, for it is not the only one."""

_Row = ForeignCrl | OcspAnswer


def refresh_due(*, at: datetime) -> int:
    """Fetch the CRLs and OCSP answers that are due, longest due first; return how many were kept.

    One request for the CRL of an issuer, one for each OCSP answer, all bounded in number and time.
    What cannot be fetched or verified leaves the stored answer as it is: it ages until reads refuse
    it. Never inside a transaction.
    """
    transactions.forbid("Fetching the status of certificates")
    sweep = Sweep(at)
    crls = ForeignCrl.objects.filter(next_try_at__lte=at).order_by("next_try_at", "pk")
    sweep.run(list(crls[:MAX_CRLS]))
    sweep.run_singles()
    return sweep.kept


class Sweep:
    """One run: the issuers it read, the partial CRLs it fetched, the addresses that rest."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.kept = 0
        self._attempts = 0
        self._ends = monotonic() + MAX_SECONDS
        self._spent: dict[str, float] = defaultdict(float)
        self._issuers: dict[bytes, Certificate] = {}
        self._partial: dict[tuple[bytes, str], Crl] = {}
        self._resting: set[str] = set()

    def run_singles(self) -> None:
        """Fetch single answers, page after page: an address that rests holds up no other."""
        due = OcspAnswer.objects.filter(next_try_at__lte=self.at).order_by("next_try_at", "pk")
        left = MAX_ANSWERS
        while left > 0 and monotonic() <= self._ends:
            rows = list(due.exclude(url__in=self._resting)[:left])
            if not rows:
                return
            before = self._attempts
            self.run(rows)
            left -= max(1, self._attempts - before)

    def run(self, rows: Sequence[_Row]) -> None:
        """Fetch what these rows hold, as long as there is time."""
        self._read_issuers(bytes(row.issuer_fingerprint) for row in rows)
        for row in rows:
            if monotonic() > self._ends:
                return
            issuer = self._issuers[bytes(row.issuer_fingerprint)]
            if self._take(row, issuer) and row.url not in self._resting:
                self._timed(row, issuer)

    def _read_issuers(self, fingerprints: Iterable[bytes]) -> None:
        missing = set(fingerprints) - self._issuers.keys()
        for row in StatusIssuer.objects.filter(fingerprint__in=missing):
            self._issuers[bytes(row.fingerprint)] = Certificate.from_der(bytes(row.der))

    def _take(self, row: _Row, issuer: Certificate) -> bool:
        """Take one row for this run; False where another run has it, or the certificate ended."""
        ends = issuer.not_after
        if isinstance(row, OcspAnswer) and row.not_after is not None:
            ends = min(ends, row.not_after)
        again = self.at + answers.SOONEST if ends > self.at else None
        due = type(row).objects.filter(pk=row.pk, next_try_at=row.next_try_at)
        return due.update(next_try_at=again) == 1 and again is not None

    def _timed(self, row: _Row, issuer: Certificate) -> None:
        began = monotonic()
        self._attempts += 1
        self._attempt(row, issuer)
        self._spent[row.url] += monotonic() - began
        if self._spent[row.url] > MAX_SECONDS_EACH:
            self._resting.add(row.url)

    def _attempt(self, row: _Row, issuer: Certificate) -> None:
        try:
            kept = (
                self._fetch_crl(row, issuer)
                if isinstance(row, ForeignCrl)
                else self._fetch_single(row, issuer)
            )
        except http.Refused as error:
            self._resting.add(row.url)
            log.info("status_refresh_failed", url=row.url, reason=str(error))
        except StatusError as error:
            log.info("status_refresh_failed", url=row.url, reason=str(error))
        else:
            self.kept += kept

    def _fetch_crl(self, row: ForeignCrl, issuer: Certificate) -> bool:
        crl = fetching.crl_at(row.url, issuer, self.at)
        if fetching.scope_of(crl) is not None:
            raise StatusError("the CRL does not cover all certificates any more")
        return answers.keep_crl(issuer, crl, url=row.url, at=self.at)

    def _fetch_single(self, row: OcspAnswer, issuer: Certificate) -> bool:
        serial = int.from_bytes(bytes(row.serial), "big")
        scope = OcspAnswer.Scope(row.scope)
        if scope is OcspAnswer.Scope.ONE:
            found = fetching.ocsp_at(row.url, issuer, serial, self.at)
        else:
            found = self._partial_crl(row, issuer, scope).status_in_crl(serial)
        if found.status is Status.UNKNOWN:
            raise StatusError("the responder does not know the certificate any more")
        asked = answers.Asked(issuer, bytes(row.serial), row.not_after, row.url, scope)
        return answers.keep_single(asked, found, at=self.at)

    def _partial_crl(self, row: OcspAnswer, issuer: Certificate, scope: OcspAnswer.Scope) -> Crl:
        """One request for all certificates that the list covers."""
        name = (issuer.fingerprint, row.url)
        if name not in self._partial:
            self._partial[name] = fetching.crl_at(row.url, issuer, self.at)
        crl = self._partial[name]
        if fetching.scope_of(crl) not in (scope, None):
            raise StatusError("the CRL covers other certificates now")
        return crl
