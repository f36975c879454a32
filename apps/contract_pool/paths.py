"""Certificate paths of contract data: to a root of the RCP, valid, not revoked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from apps.core.errors import Invalid, NotFound
from apps.pki import status
from apps.pki.status import Source
from apps.pki.status.records import questions_of
from apps.root_pool import generation
from apps.root_pool import selectors as roots
from apps.root_pool.models import RootCertificate
from apps.root_pool.selectors import TrustedRoot
from v2g.errors import CertificateError, ChainError
from v2g.pki import chains
from v2g.pki.anchors import Anchors
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPath:
    """A path that reached a root of the RCP; `record` tells what was checked, and when.

    `valid_from` and `valid_until` bound the time in which every certificate of the path is valid
    (shell model).
    """

    chain: chains.CheckedChain
    root: TrustedRoot
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def leaf(self) -> Certificate:
        """The contract or CPS certificate."""
        return self.chain.leaf

    @property
    def valid_from(self) -> datetime:
        return max(certificate.not_before for _, certificate in self.chain.labelled)

    @property
    def valid_until(self) -> datetime:
        return min(certificate.not_after for _, certificate in self.chain.labelled)


def read(chain: Sequence[bytes], *, what: str) -> list[Certificate]:
    """Read DER certificates, leaf first; Invalid names `what` where one cannot be read."""
    try:
        return [Certificate.from_der(der) for der in chain]
    except CertificateError as error:
        raise Invalid("malformed", f"Invalid certificate format on {what}") from error


def find(
    chain: Sequence[Certificate],
    *,
    profile: Profile,
    version: IsoVersion,
    known_generation: int | None = None,
) -> CheckedPath:
    """Find the path to a root of the RCP, at no instant yet; Invalid says what is wrong.

    A batch that read the generation of the anchors gives it and saves the queries.
    """
    number = generation.current() if known_generation is None else known_generation
    anchors = roots.anchors(known_generation=number)
    leaf, *sub_cas = chain
    try:
        above = _sub_ca_path(anchors, tuple(sub_cas), profile, version)
        found = chains.check_leaf(leaf, above, anchors)
    except ChainError as error:
        raise Invalid(error.code, f"{error}.") from error
    root = roots.trusted(found.root.certificate.fingerprint, known_generation=number)
    if root is None:
        raise Invalid("unknown_root", "The root of the chain was removed from the pool.")
    return CheckedPath(chain=found, root=root)


def check(
    chain: Sequence[Certificate], *, profile: Profile, version: IsoVersion, at: datetime
) -> CheckedPath:
    """Find the path, check its validity and its status; may use the network.

    Invalid for a path that is broken, expired or revoked; never inside a transaction.
    """
    found = find(chain, profile=profile, version=version)
    try:
        valid = chains.check_validity(found.chain, at)
    except ChainError as error:
        raise Invalid(error.code, f"{error}.") from error
    statuses = status.check_now(valid, policy=found.root.policy, at=at)
    return replace(found, chain=valid, record=status.record_of(valid, statuses, at))


def by_us(path: CheckedPath, *, at: datetime) -> CheckedPath:
    """Take a path as checked that our own authorities issued: their tables are its status."""
    statuses = [question.status(Source.OWN) for question in questions_of(path.chain)]
    return replace(path, record=status.record_of(path.chain, statuses, at))


@lru_cache(maxsize=128)
def _sub_ca_path(
    anchors: Anchors, sub_cas: tuple[Certificate, ...], profile: Profile, version: IsoVersion
) -> chains.SubCaPath:
    """What stands above the leaves is a handful; `anchors` is another object after each change."""
    return chains.check_sub_ca_path(sub_cas, anchors, profile=profile, version=version)


def named_root(root: bytes | UUID) -> TrustedRoot:
    """Return the trusted root with this SHA-256 or RCP id; NotFound where there is none."""
    found: TrustedRoot | None = None
    if isinstance(root, bytes):
        found = roots.trusted(root)
    else:
        row = RootCertificate.objects.trusted().filter(uuid=root).first()
        found = roots.trusted(bytes(row.fingerprint)) if row else None
    if found is None:
        raise NotFound("root_unknown", "Root certificate with the given ID is not found")
    return found
