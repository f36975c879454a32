"""What of a message holds: its signature, its chains, and whether its vehicle is known.

Nothing is fetched for an answer: revocation is what the pools know of what they hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.contract_pool import paths, signatures
from apps.core.errors import DomainError
from apps.cpo.inspector.reading import ReadMessage, is_signed
from apps.provisioning_pool import selectors as vehicles
from v2g.errors import CertificateError, ChainError, IdError
from v2g.ids import Pcid
from v2g.pki import chains
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CONTRACT_LEAF, CPS_LEAF, Profile


class Verdict(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Subject(StrEnum):
    """What a finding is about."""

    SIGNATURE = "signature"
    VEHICLE = "vehicle"
    CONTRACT_CHAIN = "contract_chain"
    SIGNER_CHAIN = "signer_chain"


class Said(StrEnum):
    """What was found, where no text of an error says it."""

    SIGNED = "signed"
    NOT_SIGNED = "not_signed"
    CURRENT = "current"
    NOT_IN_POOL = "not_in_pool"
    REACHES_ROOT = "reaches_root"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `detail` is the name of a root, or what is wrong."""

    subject: Subject
    verdict: Verdict
    said: Said
    detail: str = ""


def judge(found: ReadMessage, *, at: datetime) -> list[Finding]:
    """Check what can be checked of a message at an instant."""
    findings = [_signature(found)]
    if found.vehicle:
        findings.append(_vehicle(found, at))
    findings.extend(_chains(found, at))
    return findings


def _signature(found: ReadMessage) -> Finding:
    if not is_signed(found):
        return Finding(Subject.SIGNATURE, Verdict.FAILS, Said.NOT_SIGNED)
    try:
        signer = Certificate.from_der(found.signed_by[0])
        signatures.require(found.message, signer, whose="the message")
    except CertificateError as error:
        return Finding(Subject.SIGNATURE, Verdict.FAILS, Said.ERROR, f"{error}.")
    except DomainError as error:
        return Finding(Subject.SIGNATURE, Verdict.FAILS, Said.ERROR, error.message)
    return Finding(Subject.SIGNATURE, Verdict.HOLDS, Said.SIGNED)


def _vehicle(found: ReadMessage, at: datetime) -> Finding:
    """The chain that the pool holds for exactly this certificate decides."""
    try:
        certificate = Certificate.from_der(found.vehicle[0])
        row = vehicles.current(Pcid.parse(certificate.common_name or ""))
    except (CertificateError, IdError) as error:
        return Finding(Subject.VEHICLE, Verdict.FAILS, Said.ERROR, str(error))
    if row is None or bytes(row.der) != found.vehicle[0]:
        return Finding(Subject.VEHICLE, Verdict.UNKNOWN, Said.NOT_IN_POOL)
    try:
        vehicles.verify_stored(row, at=at)
    except DomainError as error:
        return Finding(Subject.VEHICLE, Verdict.FAILS, Said.ERROR, error.message)
    return Finding(Subject.VEHICLE, Verdict.HOLDS, Said.CURRENT, str(row.root))


def _chains(found: ReadMessage, at: datetime) -> Iterator[Finding]:
    for subject, chain, profile in (
        (Subject.SIGNER_CHAIN, found.signer, CPS_LEAF),
        (Subject.CONTRACT_CHAIN, found.contract, CONTRACT_LEAF),
    ):
        if chain:
            yield _chain(subject, chain, profile, found, at)


def _chain(
    subject: Subject, chain: Sequence[bytes], profile: Profile, found: ReadMessage, at: datetime
) -> Finding:
    try:
        path = paths.find(
            [Certificate.from_der(der) for der in chain], profile=profile, version=found.version
        )
        chains.check_validity(path.chain, at)
    except DomainError as error:
        return Finding(subject, Verdict.FAILS, Said.ERROR, error.message)
    except (CertificateError, ChainError) as error:
        return Finding(subject, Verdict.FAILS, Said.ERROR, f"{error}.")
    name = path.root.certificate.common_name or str(path.root.certificate.subject)
    return Finding(subject, Verdict.HOLDS, Said.REACHES_ROOT, name)
