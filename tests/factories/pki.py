"""Makers of whole PKIs for tests: root, Sub1, Sub2 and leaves with their keys, by the real builder.

Keys follow from their label and `salt`, so they cost no randomness and repeat; certificates
differ in each run.
"""

import hashlib
import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from v2g.pki import builder
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import LEAVES, ROOTS, SUB_CAS, V2G_ROOT, Branch, Profile
from v2g.protocol import IsoVersion

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
"""The instant at which everything made here is valid, unless another is given."""

COMMON_NAMES = {
    Branch.CPO: "DE*ICE*E45B*78C",
    Branch.CPS: "Test CPS 1",
    Branch.MO: "DE8AAC123456783",
    Branch.OEM: "WVWTESTPCID000001",
}
_serials = itertools.count(1)


@dataclass(frozen=True)
class Holder:
    """A certificate with its private key."""

    certificate: Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.der


@dataclass(frozen=True)
class Pki:
    """One hierarchy; `sub_cas` is in the order of a chain: Sub2, Sub1."""

    branch: Branch
    version: IsoVersion
    at: datetime
    root: Holder
    sub1: Holder
    sub2: Holder

    @property
    def sub_cas(self) -> tuple[Certificate, Certificate]:
        return self.sub2.certificate, self.sub1.certificate

    def chain(self, leaf: Holder) -> tuple[Certificate, Certificate, Certificate]:
        """Leaf, Sub2, Sub1."""
        return leaf.certificate, *self.sub_cas


def make_key(label: str, version: IsoVersion = IsoVersion.ISO_2) -> ec.EllipticCurvePrivateKey:
    """The same key for the same label, on the curve of the version."""
    value = int.from_bytes(hashlib.sha512(label.encode()).digest(), "big")
    return ec.derive_private_key((value >> 257) + 1, version.curve)


def make_serial() -> int:
    """A serial number that no other certificate of the test run has."""
    return builder.serial_from(hashlib.sha256(str(next(_serials)).encode()).digest()[:20])


def make_root(
    branch: Branch = Branch.V2G,
    *,
    at: datetime = AT,
    version: IsoVersion = IsoVersion.ISO_2,
    salt: str = "",
    label: str = "Test",
) -> Holder:
    """A root of its branch (V2G, OEM, MO), 5 years old, with 34 to go."""
    profile = ROOTS.get(branch, V2G_ROOT)
    return _make(
        profile, f"{label} {profile.name}", None, at=at, version=version, salt=salt, years=(5, 34)
    )


def make_pki(
    branch: Branch,
    *,
    at: datetime = AT,
    version: IsoVersion = IsoVersion.ISO_2,
    root: Holder | None = None,
    salt: str = "",
    label: str = "Test",
) -> Pki:
    """Root, Sub1 and Sub2 of a branch; CPO and CPS always stand under a V2G root.

    The names of their subjects begin with `label`.
    """
    sub1, sub2 = SUB_CAS[branch]
    top = root or make_root(branch, at=at, version=version, salt=salt, label=label)
    first = _make(
        sub1, f"{label} {sub1.name}", top, at=at, version=version, salt=salt, years=(2, 15)
    )
    second = _make(
        sub2, f"{label} {sub2.name}", first, at=at, version=version, salt=salt, years=(1, 8)
    )
    return Pki(branch, version, at, top, first, second)


def make_leaf(
    pki: Pki,
    common_name: str | None = None,
    *,
    at: datetime | None = None,
    profile: Profile | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
    days: int | None = None,
    organization: str = "Test",
) -> Holder:
    """A leaf of the branch, one day old; without a common name that of `COMMON_NAMES`."""
    instant = at or pki.at
    kind = profile or LEAVES[pki.branch]
    name = common_name or COMMON_NAMES[pki.branch]
    own_key = key or make_key(f"{kind.name} {name}", pki.version)
    age = timedelta(days=1)
    draft = Draft(
        profile=kind,
        version=pki.version,
        subject=Subject(name, organization, "DE"),
        public_key=own_key.public_key(),
        serial=make_serial(),
        not_before=instant - age,
        not_after=instant - age + (timedelta(days=days) if days else kind.max_validity),
        ocsp_url="http://ocsp.test/o" if kind.needs_status_url else "",
        crl_url="http://crl.test/c.crl" if kind.needs_status_url else "",
    )
    signer = pki.sub2
    return Holder(builder.issue(draft, issuer=signer.certificate, signing_key=signer.key), own_key)


def forge(draft: Draft, issuer: Holder | None, key: ec.EllipticCurvePrivateKey) -> Certificate:
    """Sign a draft that no lint saw, with any key: how a broken certificate comes to be."""
    issuing = issuer.certificate if issuer else None
    return builder._sign(builder._builder(draft, issuing), key, draft.version)


def draft_like(holder: Holder, profile: Profile, **changes: Any) -> Draft:
    """A draft with the name, key and validity of a certificate, some fields of it changed."""
    certificate = holder.certificate
    organization, country = certificate.subject.values("O"), certificate.subject.values("C")
    draft = Draft(
        profile=profile,
        version=IsoVersion.ISO_2,
        subject=Subject(certificate.common_name, *organization, *country),
        public_key=holder.key.public_key(),
        serial=make_serial(),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        ocsp_url=next(iter(certificate.extensions.ocsp_urls), ""),
    )
    return replace(draft, **changes)


def _make(
    profile: Profile,
    name: str,
    issuer: Holder | None,
    *,
    at: datetime,
    version: IsoVersion,
    salt: str,
    years: tuple[int, int],
) -> Holder:
    key = make_key(f"{name} {salt}", version)
    before, after = (timedelta(days=365 * count) for count in years)
    draft = Draft(
        profile=profile,
        version=version,
        subject=Subject(name, "Test", "DE"),
        public_key=key.public_key(),
        serial=make_serial(),
        not_before=at - before,
        not_after=at + after,
        ocsp_url="http://ocsp.test/o" if profile.needs_status_url else "",
        crl_url="http://crl.test/c.crl" if profile.needs_status_url else "",
    )
    certificate = builder.issue(
        draft,
        issuer=issuer.certificate if issuer else None,
        signing_key=issuer.key if issuer else key,
    )
    return Holder(certificate, key)
