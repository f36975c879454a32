"""PKIs of made-up parties: an OEM or MO with a root of its own, kept in files as that party would.

    var/demo/pki/<slug>/<level>/{key.pem, certificate.pem, revoked.json}     level: root, sub1, sub2

Their CRLs and OCSP answers come from the sandbox routes, so everybody else has to fetch them over
HTTP, like those of a real car maker. Withdrawing a certificate is a line in `revoked.json`.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from apps.demo import state
from v2g.pki import builder
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import LEAVES, ROOTS, SUB_CAS, Branch, Profile
from v2g.protocol import IsoVersion

LEVELS: Final = ("root", "sub1", "sub2")
BACKDATED: Final = timedelta(minutes=5)
"""So that a clock a little behind ours finds a new certificate valid."""
VERSION: Final = IsoVersion.ISO_2


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its private key."""

    key: ec.EllipticCurvePrivateKey
    certificate: Certificate

    @property
    def pem(self) -> bytes:
        return certificate_pem(self.certificate)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class DemoPki:
    """One party's hierarchy: root, Sub1, Sub2."""

    slug: str
    branch: Branch
    organization: str
    base_url: str
    root: Holder
    sub1: Holder
    sub2: Holder

    @classmethod
    def make(cls, slug: str, *, branch: Branch, organization: str, base_url: str) -> Self:
        """Make keys and certificates and write them below the demo folder."""
        root = _issue(
            None, ROOTS[branch], name=f"{organization} Root", organization=organization, urls=""
        )
        chain = [root]
        for level, profile in zip(LEVELS, SUB_CAS[branch], strict=False):
            name = f"{organization} {profile.name}"
            urls = f"{base_url}/sandbox/pki/{slug}/{level}"
            chain.append(
                _issue(chain[-1], profile, name=name, organization=organization, urls=urls)
            )
        made = cls(slug, branch, organization, base_url, *chain)
        made._save()
        return made

    @classmethod
    def load(cls, slug: str) -> Self:
        """Read what `make` wrote. Raises LookupError if there is no such PKI."""
        folder = _folder(slug)
        try:
            about = json.loads((folder / "about.json").read_bytes())
        except FileNotFoundError as error:
            raise LookupError(f"There is no demo PKI {slug}.") from error
        holders = [_read(folder / level) for level in LEVELS]
        return cls(
            slug, Branch(about["branch"]), about["organization"], about["base_url"], *holders
        )

    def _save(self) -> None:
        folder = state.make_folder(_folder(self.slug))
        for level, holder in zip(LEVELS, (self.root, self.sub1, self.sub2), strict=True):
            into = state.make_folder(folder / level)
            state.write(into / "key.pem", holder.key_pem)
            state.write(into / "certificate.pem", holder.pem)
            state.write(into / "revoked.json", b"{}")
        about = {
            "branch": self.branch.value,
            "organization": self.organization,
            "base_url": self.base_url,
        }
        state.write(folder / "about.json", json.dumps(about).encode())

    def leaf(self, common_name: str, *, days: int = 700) -> Holder:
        """Issue a leaf of the branch (provisioning or contract certificate) below Sub2."""
        urls = f"{self.base_url}/sandbox/pki/{self.slug}/sub2"
        return _issue(
            self.sub2,
            LEAVES[self.branch],
            name=common_name,
            organization=self.organization,
            urls=urls,
            lasting=timedelta(days=days),
        )

    def revoke(self, certificate: Certificate, *, at: datetime) -> None:
        """Name a leaf in Sub2's next CRL and OCSP answers."""
        path = _folder(self.slug) / "sub2" / "revoked.json"
        found = json.loads(path.read_bytes())
        found[f"{certificate.serial:x}"] = at.isoformat()
        state.write(path, json.dumps(found).encode())


def issuer(slug: str, level: str) -> tuple[Holder, dict[int, datetime]]:
    """Return a demo CA and what it revoked. Raises LookupError if there is none."""
    if level not in LEVELS:
        raise LookupError(f"There is no level {level}.")
    folder = _folder(slug) / level
    if not folder.is_dir():
        raise LookupError(f"There is no demo PKI {slug}.")
    found = json.loads((folder / "revoked.json").read_bytes())
    revoked = {int(serial, 16): datetime.fromisoformat(at) for serial, at in found.items()}
    return _read(folder), revoked


def certificate_pem(certificate: Certificate) -> bytes:
    return x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM)


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("a demo key is an elliptic curve key")
    return key


def _folder(slug: str) -> Path:
    if not re.fullmatch(r"[a-z0-9-]{1,40}", slug):
        raise LookupError("There is no such demo PKI.")
    return state.folder() / "pki" / slug


def _read(folder: Path) -> Holder:
    parsed = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    certificate = Certificate.from_der(parsed.public_bytes(Encoding.DER))
    return Holder(load_key((folder / "key.pem").read_bytes()), certificate)


def _issue(
    above: Holder | None,
    profile: Profile,
    *,
    name: str,
    organization: str,
    urls: str,
    lasting: timedelta | None = None,
) -> Holder:
    key = ec.generate_private_key(VERSION.curve)
    begins = datetime.now(UTC).replace(microsecond=0) - BACKDATED
    draft = Draft(
        profile=profile,
        version=VERSION,
        subject=Subject(common_name=name, organization=organization),
        public_key=key.public_key(),
        serial=builder.serial_from(secrets.token_bytes(builder.SERIAL_OCTETS)),
        not_before=begins,
        not_after=begins + (lasting or profile.max_validity),
        ocsp_url=f"{urls}/ocsp" if urls else "",
        crl_url=f"{urls}/crl" if urls else "",
    )
    signing = above.key if above else key
    issued = builder.issue(draft, issuer=above.certificate if above else None, signing_key=signing)
    return Holder(key, issued)
