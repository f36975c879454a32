"""Certificates made: draft by profile, lint what would be signed, then sign exactly that.

The draft is signed first with a key that is thrown away and put before the lints, so nothing that
breaks its profile is ever signed with a real key. The signing key is any
`EllipticCurvePrivateKey`, such as one that asks a key backend.
"""

import functools
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

from v2g.errors import CertificateError
from v2g.pki.certificate import Certificate, PublicKey
from v2g.pki.lints import lint
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

SERIAL_OCTETS: Final = 20

_CURVES: Final = {curve.name: curve for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)}


@dataclass(frozen=True, slots=True)
class Subject:
    """The parts of a subject, encoded as C, O, DC, CN; the DC comes from the profile."""

    common_name: str
    organization: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that decides a certificate but its issuer. `not_before` and `not_after` are aware.

    `serial` comes of `serial_from`. `ocsp_url` and `crl_url` are where the issuer answers for it.
    """

    profile: Profile
    version: IsoVersion
    subject: Subject
    public_key: ec.EllipticCurvePublicKey
    serial: int
    not_before: datetime
    not_after: datetime
    ocsp_url: str = ""
    crl_url: str = ""


def serial_from(octets: bytes) -> int:
    """Make a serial number of 20 random octets: 159 bits, never zero (RFC 5280 4.1.2.2)."""
    if len(octets) != SERIAL_OCTETS:
        raise CertificateError("20 random octets are needed for a serial number")
    return (int.from_bytes(octets, "big") & ((1 << 159) - 1)) or 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be signed, after the lints saw it: `draft`, under a signature of no worth."""

    draft: Certificate
    version: IsoVersion
    issuing_key: PublicKey

    @property
    def serial_octets(self) -> bytes:
        """The serial number, see `Certificate.serial_octets`."""
        return self.draft.serial_octets


def prepare(draft: Draft, *, issuer: Certificate | None) -> Prepared:
    """Lint the draft over a signature of a throw-away key; no real key is needed.

    CertificateError names the first broken rule, or tells that the issuer is no CA.
    """
    issuing = issuer.public_key if issuer else draft.public_key
    if issuer and not issuer.extensions.is_ca:
        raise CertificateError("the issuer is not a CA")
    if not isinstance(issuing, ec.EllipticCurvePublicKey):
        raise CertificateError("the issuer's key is not on a curve that is signed with here")
    key = _throwaway_key(issuing.curve.name)
    certificate = _sign(_builder(draft, issuer), key, draft.version)
    findings = lint(certificate, draft.profile, draft.version)
    if findings:
        raise CertificateError(f"{findings[0].code}: {findings[0].message}")
    return Prepared(certificate, draft.version, issuing)


def sign(prepared: Prepared, *, signing_key: ec.EllipticCurvePrivateKey) -> Certificate:
    """Sign exactly what was linted; CertificateError where the key is not the issuer's."""
    if prepared.issuing_key != signing_key.public_key():
        raise CertificateError("the signing key is not the key of the issuer")
    draft = prepared.draft
    signature = signing_key.sign(draft.tbs, ec.ECDSA(prepared.version.hash_algorithm))
    der = _with_signature(draft, signature)
    return replace(draft, der=der, fingerprint=hashlib.sha256(der).digest(), signature=signature)


def _with_signature(draft: Certificate, signature: bytes) -> bytes:
    """The draft with another signature (RFC 5280 4.1): what is signed is what the lints saw."""
    start = draft.der.index(draft.tbs) + len(draft.tbs)
    algorithm = draft.der[start : start + 2 + draft.der[start + 1]]
    bits = b"\x03" + _length(len(signature) + 1) + b"\x00" + signature
    content = draft.tbs + algorithm + bits
    return b"\x30" + _length(len(content)) + content


def _length(octets: int) -> bytes:
    """A length in DER (X.690 8.1.3)."""
    if octets < 0x80:
        return bytes([octets])
    written = octets.to_bytes((octets.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(written)]) + written


def issue(
    draft: Draft, *, issuer: Certificate | None, signing_key: ec.EllipticCurvePrivateKey
) -> Certificate:
    """Prepare and sign in one go; without `issuer` the certificate signs itself.

    CertificateError as `prepare` and `sign` raise it.
    """
    return sign(prepare(draft, issuer=issuer), signing_key=signing_key)


def _builder(draft: Draft, issuer: Certificate | None) -> x509.CertificateBuilder:
    profile = draft.profile
    subject = _name(draft.subject, profile.domain_component)
    issuer_name = (
        x509.load_der_x509_certificate(issuer.der).subject if issuer is not None else subject
    )
    own_id = x509.SubjectKeyIdentifier.from_public_key(draft.public_key)
    issuer_id = issuer.extensions.subject_key_id if issuer else own_id.digest
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(draft.public_key)
        .serial_number(draft.serial)
        .not_valid_before(draft.not_before)
        .not_valid_after(draft.not_after)
        .add_extension(
            x509.BasicConstraints(ca=profile.is_ca, path_length=profile.path_length), critical=True
        )
        .add_extension(_key_usage(profile.key_usage), critical=True)
        .add_extension(own_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(issuer_id, None, None), critical=False)
    )
    for extension in _optional_extensions(draft):
        builder = builder.add_extension(extension, critical=False)
    return builder


def _optional_extensions(draft: Draft) -> list[x509.ExtensionType]:
    extensions: list[x509.ExtensionType] = []
    if draft.ocsp_url:
        location = x509.UniformResourceIdentifier(draft.ocsp_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
        extensions.append(x509.AuthorityInformationAccess([access]))
    if draft.crl_url:
        location = x509.UniformResourceIdentifier(draft.crl_url)
        point = x509.DistributionPoint([location], None, None, None)
        extensions.append(x509.CRLDistributionPoints([point]))
    if draft.profile.extended_key_usage is not None:
        usages = sorted(draft.profile.extended_key_usage)
        extensions.append(x509.ExtendedKeyUsage([ObjectIdentifier(usage) for usage in usages]))
    if draft.profile.ocsp_no_check:
        extensions.append(x509.OCSPNoCheck())
    return extensions


def _name(subject: Subject, domain_component: str | None) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, subject.country),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.DOMAIN_COMPONENT, domain_component),
        (NameOID.COMMON_NAME, subject.common_name),
    )
    try:
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])
    except ValueError as error:
        raise CertificateError(f"the subject cannot be encoded: {error}") from error


def _key_usage(names: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digitalSignature" in names,
        content_commitment="nonRepudiation" in names,
        key_encipherment="keyEncipherment" in names,
        data_encipherment=False,
        key_agreement="keyAgreement" in names,
        key_cert_sign="keyCertSign" in names,
        crl_sign="cRLSign" in names,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(
    builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, version: IsoVersion
) -> Certificate:
    try:
        signed = builder.sign(key, version.hash_algorithm)
    except ValueError as error:
        raise CertificateError(f"the certificate cannot be built: {error}") from error
    return Certificate.from_der(signed.public_bytes(Encoding.DER))


@functools.cache
def _throwaway_key(curve: str) -> ec.EllipticCurvePrivateKey:
    """One key per curve and process that no certificate names: it only fills drafts."""
    return ec.generate_private_key(_CURVES[curve]())
