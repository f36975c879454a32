"""A question about one certificate, what is known of it, and how the outcome is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn, Self

from apps.core.errors import Invalid
from apps.pki.status.policy import Source
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain
from v2g.pki.status import CLOCK_SKEW, Status, StatusAnswer

RULE_SET: Final = 1
"""Raised whenever the rules change, so that what old records mean stays known."""


@dataclass(frozen=True, slots=True)
class Question:
    """One certificate of a path that reached a root, with its issuer and its name for people."""

    label: str
    certificate: Certificate
    issuer: Certificate

    @property
    def key(self) -> tuple[bytes, bytes]:
        """Issuer's SHA-256 and serial number: what answers are stored under."""
        return self.issuer.fingerprint, self.certificate.serial_octets

    def urls(self, source: Source) -> tuple[str, ...]:
        """The addresses of one kind of service that the certificate names."""
        extensions = self.certificate.extensions
        return extensions.crl_urls if source is Source.CRL else extensions.ocsp_urls

    def status(
        self,
        source: Source,
        this_update: datetime | None = None,
        next_update: datetime | None = None,
    ) -> "CertificateStatus":
        """The record of a certificate that is accepted."""
        return CertificateStatus(
            self.certificate.fingerprint, *self.key, source, this_update, next_update
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source says, from `this_update` on; `learnt_at` is when we verified it."""

    source: Source
    good: bool
    this_update: datetime
    next_update: datetime | None
    learnt_at: datetime

    @classmethod
    def of(cls, found: StatusAnswer, at: datetime) -> Self:
        """Take over an answer that was just verified."""
        good = found.status is Status.GOOD
        source = Source(found.source.value)
        return cls(source, good, found.this_update, found.next_update, at)

    def is_fresh(self, at: datetime, max_age: timedelta) -> bool:
        """Tell whether the source still stands by it, and reads of the pools would accept it."""
        if self.next_update is None or at - self.learnt_at > max_age:
            return False
        return self.this_update - CLOCK_SKEW <= at < self.next_update


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """The status of one certificate that was accepted."""

    fingerprint: bytes
    issuer_fingerprint: bytes
    serial: bytes
    source: Source
    this_update: datetime | None = None
    next_update: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The compact form that is kept with what was accepted."""
        record: dict[str, Any] = {
            "sha256": self.fingerprint.hex(),
            "issuer": self.issuer_fingerprint.hex(),
            "serial": self.serial.hex(),
            "by": self.source.value,
        }
        if self.this_update:
            record["this"] = self.this_update.isoformat()
        if self.next_update:
            record["next"] = self.next_update.isoformat()
        return record


def questions_of(chain: CheckedChain) -> list[Question]:
    """Ask about the leaf and every sub-CA; the root is trusted by two persons' word."""
    labelled = chain.labelled
    return [
        Question(label, certificate, labelled[place + 1][1])
        for place, (label, certificate) in enumerate(labelled[:-1])
    ]


def accept(question: Question, answer: Answer) -> CertificateStatus:
    """Turn a good answer into the record; refuse a revoked certificate."""
    if not answer.good:
        refuse_revoked(question)
    return question.status(answer.source, answer.this_update, answer.next_update)


def refuse_revoked(question: Question) -> NoReturn:
    """Raise Invalid: the certificate was revoked."""
    raise Invalid("revoked", f"{question.label} is revoked.")


def refuse_unknown(question: Question, why: str) -> NoReturn:
    """Raise Invalid: nobody could tell whether the certificate still counts."""
    raise Invalid("status_unknown", f"{question.label}: its revocation status is unknown: {why}.")


def record_of(
    chain: CheckedChain, statuses: Sequence[CertificateStatus], at: datetime
) -> dict[str, Any]:
    """The compact record of all checks of a path, kept with what was accepted."""
    return {
        "rules": RULE_SET,
        "at": at.isoformat(),
        "root": chain.root.certificate.fingerprint.hex(),
        "passed": [check.name for check in chain.checks],
        "status": [status.as_json() for status in statuses],
    }
