"""What a provisioning certificate must be before it enters the pool; for one row and for many.

Working order: parse, WMI, path to a root of the RCP, validity, status. Status services are asked
only for chains that reached a root; nothing here writes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.core.errors import Invalid
from apps.pki import status
from apps.pki.status import CertificateStatus
from apps.provisioning_pool.messages import malformed, parse_pcid
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.errors import CertificateError, ChainError
from v2g.ids import Pcid
from v2g.pki import chains
from v2g.pki.anchors import Anchors
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

MAX_DER: Final = 2000
"""Octets of one certificate; ISO 15118-2 allows 800 [V2G2-010]."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificates of a vehicle as they were sent, in DER. `sub2` may be missing."""

    vehicle: bytes
    sub2: bytes | None
    sub1: bytes


@dataclass(frozen=True, slots=True)
class ParsedChain:
    """The same, read. `sub_cas` in the order of a path: Sub2, Sub1."""

    pcid: Pcid
    vehicle: Certificate
    sub_cas: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A chain that passed, with the root it ends in and the record of the checks."""

    parsed: ParsedChain
    root: TrustedRoot
    statuses: tuple[CertificateStatus, ...]
    record: dict[str, Any]


def parse(chain: Chain) -> ParsedChain:
    """Read the certificates; Invalid with OPCP's text for the one that is malformed.

    The PCID is the common name of the vehicle's certificate [V2G2-933].
    """
    vehicle = _certificate(chain.vehicle, "vehicleCertificate")
    sub1 = _certificate(chain.sub1, "subCa1Certificate")
    sub_cas: tuple[Certificate, ...] = (sub1,)
    if chain.sub2 is not None:
        sub_cas = (_certificate(chain.sub2, "subCa2Certificate"), sub1)
    return ParsedChain(parse_pcid(vehicle.common_name), vehicle, sub_cas)


def verify(parsed: ParsedChain, *, version: IsoVersion, at: datetime) -> Accepted:
    """Check path, validity and status, which may call out; Invalid for what fails."""
    anchors = roots.anchors()
    chain = check_path(parsed, anchors, version=version, at=at)
    root = root_of(chain)
    statuses = status.check_now(chain, policy=root.policy, at=at)
    return Accepted(parsed, root, statuses, status.record_of(chain, statuses, at))


def check_path(
    parsed: ParsedChain, anchors: Anchors, *, version: IsoVersion, at: datetime
) -> CheckedChain:
    """Check that the chain reaches an OEM or V2G root and that all of it is valid (shell model).

    OPCP reports validity before the chain, so what has expired is named as that even where its
    chain is broken too.
    """
    try:
        chain = chains.find_path(
            parsed.vehicle, parsed.sub_cas, anchors, profile=OEM_LEAF, version=version
        )
        return chains.check_validity(chain, at)
    except ChainError as error:
        _require_valid_times(parsed, at)
        raise Invalid(error.code, f"{error}.") from error


def root_of(chain: CheckedChain) -> TrustedRoot:
    """Return the row of the root that a chain ended in; Invalid if it was removed this moment."""
    root = roots.trusted(chain.root.certificate.fingerprint)
    if root is None:
        raise Invalid("unknown_root", "The root of this chain is not trusted any more.")
    return root


def _require_valid_times(parsed: ParsedChain, at: datetime) -> None:
    labels = (
        chains.leaf_label(OEM_LEAF),
        *chains.sub_ca_labels(OEM_LEAF, len(parsed.sub_cas)),
    )
    for label, certificate in zip(labels, (parsed.vehicle, *parsed.sub_cas), strict=True):
        if at > certificate.not_after:
            raise Invalid("expired", f"{label} expired on {certificate.not_after:%Y-%m-%d}.")
        if at < certificate.not_before:
            begins = f"{certificate.not_before:%Y-%m-%d}"
            raise Invalid("not_yet_valid", f"{label} is valid only from {begins}.")


def _certificate(der: bytes, field: str) -> Certificate:
    if len(der) > MAX_DER:
        raise malformed(field)
    try:
        return Certificate.from_der(der)
    except CertificateError as error:
        raise malformed(field) from error
