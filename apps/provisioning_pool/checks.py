"""What a provisioning certificate must be before it enters the pool; for one row and for many.

Working order: parse, WMI, path to a root of the RCP, validity, status. Status services are asked
only for chains that reached a root; nothing here writes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from apps.core.errors import Invalid
from apps.pki import status
from apps.pki.status import CertificateStatus
from apps.provisioning_pool.messages import malformed, parse_pcid
from apps.root_pool import generation
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


Asked = tuple[ParsedChain, IsoVersion]


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
    sub1 = _sub_ca(chain.sub1, "subCa1Certificate")
    sub_cas: tuple[Certificate, ...] = (sub1,)
    if chain.sub2 is not None:
        sub_cas = (_sub_ca(chain.sub2, "subCa2Certificate"), sub1)
    return ParsedChain(parse_pcid(vehicle.common_name), vehicle, sub_cas)


def verify(parsed: ParsedChain, *, version: IsoVersion, at: datetime) -> Accepted:
    """Check path, validity and status, which may call out; Invalid for what fails."""
    found = verify_many([(parsed, version)], at=at)[0]
    if isinstance(found, Invalid):
        raise found
    return found


def verify_many(
    asked: Sequence[Asked], *, at: datetime, heard: Callable[[], None] = lambda: None
) -> list[Accepted | Invalid]:
    """Check many; what fails has Invalid in its place. `heard` as `status.check_many` has it."""
    number = generation.current()
    paths = check_paths(asked, at=at, known_generation=number)
    found = {n: one for n, one in enumerate(paths) if isinstance(one, CheckedChain)}
    trusted = {n: _root_of(chain, number) for n, chain in found.items()}
    wanted = {
        n: (found[n], root.policy) for n, root in trusted.items() if isinstance(root, TrustedRoot)
    }
    statuses = status.check_many(wanted, at=at, heard=heard)
    outcomes: list[Accepted | Invalid] = []
    for n, ((parsed, _), path) in enumerate(zip(asked, paths, strict=True)):
        answer, root = statuses.get(n), trusted.get(n)
        if isinstance(path, Invalid):
            outcomes.append(path)
        elif isinstance(root, Invalid):
            outcomes.append(root)
        elif isinstance(answer, Invalid):
            outcomes.append(answer)
        elif root is not None and answer is not None:
            record = status.record_of(path, answer, at)
            outcomes.append(Accepted(parsed, root, answer, record))
    return outcomes


def check_paths(
    asked: Sequence[Asked], *, at: datetime, known_generation: int | None = None
) -> list[CheckedChain | Invalid]:
    """Check path and validity of many; what fails has Invalid in its place."""
    anchors = roots.anchors(known_generation=known_generation)
    found: list[CheckedChain | Invalid] = []
    for parsed, version in asked:
        try:
            found.append(check_path(parsed, anchors, version=version, at=at))
        except Invalid as error:
            found.append(error)
    return found


def check_path(
    parsed: ParsedChain, anchors: Anchors, *, version: IsoVersion, at: datetime
) -> CheckedChain:
    """Check that the chain reaches an OEM or V2G root and that all of it is valid (shell model).

    OPCP reports validity before the chain, so what has expired is named as that even where its
    chain is broken too.
    """
    try:
        above = _sub_ca_path(anchors, parsed.sub_cas, version)
        return chains.check_validity(chains.check_leaf(parsed.vehicle, above, anchors), at)
    except ChainError as error:
        _require_valid_times(parsed, at)
        raise Invalid(error.code, f"{error}.") from error


@lru_cache(maxsize=128)
def _sub_ca_path(
    anchors: Anchors, sub_cas: tuple[Certificate, ...], version: IsoVersion
) -> chains.SubCaPath:
    """What stands above the vehicles is a handful; `anchors` is another object after a change."""
    return chains.check_sub_ca_path(sub_cas, anchors, profile=OEM_LEAF, version=version)


def root_of(chain: CheckedChain) -> TrustedRoot:
    """Return the row of the root that a chain ended in; Invalid if it was removed this moment."""
    root = _root_of(chain, None)
    if isinstance(root, Invalid):
        raise root
    return root


def _root_of(chain: CheckedChain, number: int | None) -> TrustedRoot | Invalid:
    root = roots.trusted(chain.root.certificate.fingerprint, known_generation=number)
    return root or Invalid("unknown_root", "The root of this chain is not trusted any more.")


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


@lru_cache(maxsize=256)
def _sub_ca(der: bytes, field: str) -> Certificate:
    """Sub-CAs come with every vehicle, and are a handful."""
    return _certificate(der, field)


def _certificate(der: bytes, field: str) -> Certificate:
    if len(der) > MAX_DER:
        raise malformed(field)
    try:
        return Certificate.from_der(der)
    except CertificateError as error:
        raise malformed(field) from error
