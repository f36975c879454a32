"""The way from a vehicle's certificate to a root, out of a bag of certificates and the pool.

People send certificates in any order, and not those that the pool knows already. The path is put
together by names and signatures; whether it counts is said by `v2g.pki.chains` alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.pki import sub_cas
from v2g.errors import ChainError
from v2g.pki import chains
from v2g.pki.anchors import Anchors
from v2g.pki.certificate import Certificate
from v2g.pki.chains import CheckedChain, SubCaPath
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

MAX_OF_ONE_NAME: Final = 8
"""Sub-CAs of one name that are tried: their signatures are what costs time."""
MISSING: Final = "sub_ca_missing"


@dataclass(frozen=True, slots=True)
class Found:
    """The sub-CAs above a vehicle (Sub2, Sub1), and the checked chain or why it is none."""

    sub_cas: tuple[Certificate, ...]
    chain: CheckedChain | None
    code: str = ""
    detail: str = ""


class Paths:
    """Finds paths for many vehicles; what stands above them is checked once for each sub-CA."""

    def __init__(
        self,
        sent: Sequence[Certificate],
        leaves: Iterable[Certificate],
        anchors: Anchors,
        at: datetime,
    ) -> None:
        self._anchors, self._at = anchors, at
        self._by_subject: dict[bytes, list[Certificate]] = {}
        self._above: dict[tuple[Certificate, IsoVersion], SubCaPath | ChainError] = {}
        self._from_pool: set[bytes] = set()
        self._add(sent)
        known = self._fetch(leaves)
        self._fetch([*sent, *known])
        self._by_subject = {name: self._best(found) for name, found in self._by_subject.items()}

    def is_from_pool(self, certificate: Certificate) -> bool:
        """Tell whether a sub-CA was not sent, but known."""
        return certificate.fingerprint in self._from_pool

    def of(self, leaf: Certificate) -> Found:
        """Find the best path of a vehicle."""
        version = version_of(leaf)
        found = [self._try(leaf, issuer, version) for issuer in self._issuers(leaf)]
        if not found:
            detail = f"The sub-CA {leaf.issuer.text} is neither in the upload nor in the pool."
            return Found((), None, MISSING, detail)
        return next((one for one in found if one.chain), found[0])

    def _try(self, leaf: Certificate, issuer: Certificate, version: IsoVersion) -> Found:
        above = self._path_above(issuer, version)
        if isinstance(above, ChainError):
            return Found((issuer,), None, above.code, f"{above}.")
        try:
            chain = chains.check_leaf(leaf, above, self._anchors)
        except ChainError as error:
            return Found(above.sub_cas, None, error.code, f"{error}.")
        return Found(above.sub_cas, chain)

    def _path_above(self, issuer: Certificate, version: IsoVersion) -> SubCaPath | ChainError:
        key = issuer, version
        if key not in self._above:
            self._above[key] = self._find_above(issuer, version)
        return self._above[key]

    def _find_above(self, issuer: Certificate, version: IsoVersion) -> SubCaPath | ChainError:
        """The first way up that counts: straight to a root, else through one more sub-CA."""
        ways: list[tuple[Certificate, ...]] = []
        ways += [(issuer,)] if self._anchors.named(issuer.issuer.der) else []
        ways += [(issuer, upper) for upper in self._issuers(issuer)]
        first: ChainError | None = None
        for way in ways or [(issuer,)]:
            try:
                return chains.check_sub_ca_path(
                    way, self._anchors, profile=OEM_LEAF, version=version
                )
            except ChainError as error:
                first = first or error
        assert first is not None  # noqa: S101  there is always one way
        return first

    def _issuers(self, certificate: Certificate) -> Iterator[Certificate]:
        """Who signed it."""
        for one in self._by_subject.get(certificate.issuer.der, ()):
            if certificate.is_signed_by(one.public_key):
                yield one

    def _best(self, named: Iterable[Certificate]) -> list[Certificate]:
        """Those valid now first, the newest of them first, and no more than are tried."""

        def rank(one: Certificate) -> tuple[bool, datetime]:
            return one.is_valid_at(self._at), one.not_after

        return sorted(named, key=rank, reverse=True)[:MAX_OF_ONE_NAME]

    def _fetch(self, below: Iterable[Certificate]) -> list[Certificate]:
        """Add from the pool what was not sent: the issuers of these certificates."""
        wanted = {
            certificate.issuer.der: certificate.issuer
            for certificate in below
            if certificate.issuer.der not in self._by_subject
            and not self._anchors.named(certificate.issuer.der)
        }
        found = sub_cas.named(list(wanted.values()))
        self._from_pool |= {certificate.fingerprint for certificate in found}
        self._add(found)
        return found

    def _add(self, certificates: Iterable[Certificate]) -> None:
        for certificate in certificates:
            self._by_subject.setdefault(certificate.subject.der, []).append(certificate)


def version_of(certificate: Certificate) -> IsoVersion:
    """The generation of ISO 15118 whose curve the key is on; ISO 15118-2 for all others."""
    return (
        IsoVersion.ISO_2 if certificate.curve == IsoVersion.ISO_2.curve.name else IsoVersion.ISO_20
    )
