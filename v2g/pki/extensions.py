"""The extensions of a certificate that ISO 15118 and its status services use."""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
CLIENT_AUTH: Final = "1.3.6.1.5.5.7.3.2"

_KEY_USAGES: Final = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}
# Extensions that this package acts upon, or that restrict nothing when no policy is asked for.
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.OCSP_NO_CHECK,
    }
)


@dataclass(frozen=True)
class Extensions:
    """What was read; `None` where an extension is absent.

    Key usages have their X.509 names (digitalSignature, keyCertSign, ...), extended ones dotted
    OIDs. `critical` holds the dotted OIDs marked so, `not_understood` those of them that nothing
    here acts upon.
    """

    is_ca: bool | None = None
    path_length: int | None = None
    key_usage: frozenset[str] | None = None
    extended_key_usage: frozenset[str] | None = None
    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    ocsp_no_check: bool = False
    critical: frozenset[str] = frozenset()
    not_understood: tuple[str, ...] = ()


def read_extensions(certificate: x509.Certificate) -> Extensions:
    """Read the extensions; ValueError of `cryptography` where one is not DER."""
    values = {extension.oid: extension.value for extension in certificate.extensions}
    critical = frozenset(e.oid.dotted_string for e in certificate.extensions if e.critical)
    unknown = (
        e.oid.dotted_string
        for e in certificate.extensions
        if e.critical and e.oid not in _UNDERSTOOD
    )
    constraints = values.get(ExtensionOID.BASIC_CONSTRAINTS)
    is_ca, path_length = None, None
    if isinstance(constraints, x509.BasicConstraints):
        is_ca, path_length = constraints.ca, constraints.path_length
    usage = values.get(ExtensionOID.EXTENDED_KEY_USAGE)
    subject_key = values.get(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    authority_key = values.get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
    return Extensions(
        is_ca=is_ca,
        path_length=path_length,
        key_usage=_key_usage(values.get(ExtensionOID.KEY_USAGE)),
        extended_key_usage=(
            frozenset(oid.dotted_string for oid in usage)
            if isinstance(usage, x509.ExtendedKeyUsage)
            else None
        ),
        subject_key_id=(
            subject_key.digest if isinstance(subject_key, x509.SubjectKeyIdentifier) else None
        ),
        authority_key_id=(
            authority_key.key_identifier
            if isinstance(authority_key, x509.AuthorityKeyIdentifier)
            else None
        ),
        ocsp_urls=_ocsp_urls(values.get(ExtensionOID.AUTHORITY_INFORMATION_ACCESS)),
        crl_urls=_crl_urls(values.get(ExtensionOID.CRL_DISTRIBUTION_POINTS)),
        ocsp_no_check=ExtensionOID.OCSP_NO_CHECK in values,
        critical=critical,
        not_understood=tuple(unknown),
    )


def _key_usage(value: x509.ExtensionType | None) -> frozenset[str] | None:
    if not isinstance(value, x509.KeyUsage):
        return None
    names = {name for name, attribute in _KEY_USAGES.items() if getattr(value, attribute)}
    if value.key_agreement:
        names |= {"encipherOnly"} if value.encipher_only else set()
        names |= {"decipherOnly"} if value.decipher_only else set()
    return frozenset(names)


def _ocsp_urls(value: x509.ExtensionType | None) -> tuple[str, ...]:
    if not isinstance(value, x509.AuthorityInformationAccess):
        return ()
    return tuple(
        access.access_location.value
        for access in value
        if access.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(access.access_location, x509.UniformResourceIdentifier)
    )


def _crl_urls(value: x509.ExtensionType | None) -> tuple[str, ...]:
    if not isinstance(value, x509.CRLDistributionPoints):
        return ()
    return tuple(
        name.value
        for point in value
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )
