"""What each certificate of a path must be, by its place: signer, leaf, member at all.

Every rule raises ChainError with a stable code and a sentence that names the certificate.
"""

from typing import Final, NoReturn

from v2g.errors import ChainError
from v2g.pki.certificate import ED448, Certificate
from v2g.pki.extensions import OCSP_SIGNING
from v2g.pki.name_rules import fits
from v2g.pki.profiles import Profile
from v2g.protocol import IsoVersion

_OF_VERSION: Final = {
    IsoVersion.ISO_2: {("secp256r1", "sha256")},
    # P-521, or Ed448 as the alternative [V2G20-2319]; a path may hold both while a PKI changes.
    IsoVersion.ISO_20: {
        ("secp521r1", "sha512"),
        ("secp521r1", ""),
        (ED448, ""),
        (ED448, "sha512"),
    },
}


def refuse(code: str, label: str, message: str) -> NoReturn:
    """Raise the ChainError of one certificate."""
    raise ChainError(code, f"{label} {message}", certificate=label)


def require_version(certificate: Certificate, label: str, version: IsoVersion) -> None:
    """The curve and hash of the version [V2G2-006, 007], [V2G20-2674]; no unknown critical part."""
    if not any(certificate.curve == curve for curve, _ in _OF_VERSION[version]):
        refuse(
            "curve_not_of_version",
            label,
            f"has a key on {certificate.curve}, {version.value} needs {version.curve.name}",
        )
    if (certificate.curve, certificate.signature_hash) not in _OF_VERSION[version]:
        name = version.hash_algorithm.name
        refuse("hash_not_of_version", label, f"is not signed with {name}, as {version.value} needs")
    if certificate.extensions.not_understood:
        oid = certificate.extensions.not_understood[0]
        refuse("critical_extension_unknown", label, f"has the unknown critical extension {oid}")


def require_signer(certificate: Certificate, label: str, *, below: int) -> None:
    """What signs certificates: DER, cA TRUE, keyCertSign where it has a KeyUsage, path length.

    `below` is the number of sub-CAs between it and the leaf (RFC 5280 4.2.1.9).
    """
    extensions = certificate.extensions
    if certificate.encoding_fault:
        refuse("signer_not_der", label, f"is not in DER: {certificate.encoding_fault}")
    if not extensions.is_ca:
        refuse("signer_not_a_ca", label, "is not a CA certificate and must not sign others")
    if extensions.key_usage is not None and "keyCertSign" not in extensions.key_usage:
        refuse("signer_lacks_cert_sign", label, "may not sign certificates by its key usage")
    if extensions.path_length is not None and extensions.path_length < below:
        refuse(
            "path_length_exceeded",
            label,
            f"allows {extensions.path_length} sub-CAs below it, the chain has {below}",
        )


def require_leaf(certificate: Certificate, label: str, profile: Profile) -> None:
    """The leaf is none of the PKI's own certificates and has the role: DC, key usage, name.

    [V2G2-925] for the DC. Old leaves without BasicConstraints or KeyUsage are leaves too.
    """
    extensions = certificate.extensions
    if certificate.is_self_issued:
        refuse("leaf_self_signed", label, "is signed by itself")
    if extensions.is_ca or "keyCertSign" in (extensions.key_usage or ()):
        refuse("leaf_is_a_ca", label, "is a CA certificate")
    components = {component.upper() for component in certificate.domain_components}
    if not components <= profile.accepted_components:
        names = ", ".join(sorted(components))
        refuse("leaf_of_another_role", label, f"has DC={names} and so another role")
    if profile.needs_component and not components:
        wanted = profile.domain_component
        refuse("leaf_of_another_role", label, f"lacks DC={wanted}, which its role needs")
    if OCSP_SIGNING in (extensions.extended_key_usage or ()):
        refuse("leaf_of_another_role", label, "is the certificate of an OCSP responder")
    if extensions.key_usage is not None and not profile.required_usage <= extensions.key_usage:
        missing = ", ".join(sorted(profile.required_usage - extensions.key_usage))
        refuse("leaf_lacks_key_usage", label, f"lacks the key usage {missing}")
    if not fits(profile.name_rule, certificate.common_name):
        rule = profile.name_rule.value
        refuse("leaf_name_malformed", label, f"does not have as its common name the {rule}")
