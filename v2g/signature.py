"""XML signatures over EXI fragments, as ISO 15118 puts them into the header of a message.

Each signed element is digested as the EXI fragment of its schema, SignedInfo as that of xmldsig
alone; the signature is ECDSA as r||s, each of the size of a coordinate. ISO 15118-2: P-256,
SHA-256, 64 octets [V2G2-006, V2G2-007]; ISO 15118-20: P-521, SHA-512, 132 octets. Transform and
canonicalization are canonical EXI.

A signature counts only when its references are exactly the elements it should cover: each by its
Id, once, nothing missing and nothing besides. What a signature does not cover is never taken as
covered because its digest happens to be in the header.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from v2g.errors import ExiError, SignatureError
from v2g.exi.codec import Fragment, Message, encode_fragment
from v2g.messages import iso2, iso20
from v2g.messages.schema import declaration, is_declared
from v2g.messages.xmldsig import (
    CanonicalizationMethod,
    DigestMethod,
    Reference,
    Signature,
    SignatureMethod,
    SignatureValue,
    SignedInfo,
    Transform,
    Transforms,
)
from v2g.protocol import IsoVersion

CANONICAL_EXI: Final = "http://www.w3.org/TR/canonical-exi/"
MAX_REFERENCES: Final = 4  # the responses of -2 sign four elements, everything else one

# ISO 15118-2 leaves the names of the Ids open; these are the ones the field writes.
CHAIN_ID: Final = "id1"
KEY_ID: Final = "id2"
DH_ID: Final = "id3"
EMAID_ID: Final = "id4"

Sign = Callable[[bytes], bytes]
_MessageT = TypeVar("_MessageT", bound=Message)


@dataclass(frozen=True, slots=True)
class Profile:
    """The algorithms of one version: nothing else is written, nothing else is accepted."""

    version: IsoVersion
    digest_algorithm: str
    signature_algorithm: str
    digest_name: str

    @property
    def signature_size(self) -> int:
        """Octets of r||s."""
        return 2 * self.version.coordinate_size

    def digest(self, data: bytes) -> bytes:
        """The digest of a fragment."""
        return hashlib.new(self.digest_name, data).digest()


PROFILES: Final = {
    IsoVersion.ISO_2: Profile(
        version=IsoVersion.ISO_2,
        digest_algorithm="http://www.w3.org/2001/04/xmlenc#sha256",
        signature_algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        digest_name="sha256",
    ),
    IsoVersion.ISO_20: Profile(
        version=IsoVersion.ISO_20,
        digest_algorithm="http://www.w3.org/2001/04/xmlenc#sha512",
        signature_algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        digest_name="sha512",
    ),
}


def version_of(message: Message) -> IsoVersion:
    """The version a message belongs to."""
    return IsoVersion.ISO_2 if isinstance(message, iso2.V2GMessage) else IsoVersion.ISO_20


def signed_elements(message: Message) -> tuple[Fragment, ...]:
    """The elements that the signature of this kind of message covers, in writing order.

    ISO 15118-2, 7.9.2.4: requests sign their body element; CertificateInstallationRes and
    CertificateUpdateRes sign the contract chain, the encrypted key, the ephemeral point and the
    eMAID. The provisioning chain of a response is not signed.
    """
    if isinstance(message, iso20.CertificateInstallationReq):
        return (message.oem_provisioning_certificate_chain,)
    if isinstance(message, iso20.CertificateInstallationRes):
        return (message.signed_installation_data,)
    body = message.body
    if isinstance(body, iso2.CertificateInstallationReq | iso2.CertificateUpdateReq):
        return (body,)
    return (
        body.contract_signature_cert_chain,
        body.contract_signature_encrypted_private_key,
        body.dh_publickey,
        body.emaid,
    )


def digest(element: Fragment, version: IsoVersion = IsoVersion.ISO_2) -> bytes:
    """The digest of an element as a Reference holds it."""
    return PROFILES[version].digest(encode_fragment(element))


def sign(message: _MessageT, key: ec.EllipticCurvePrivateKey | Sign) -> _MessageT:
    """The message with a Signature over its `signed_elements` in its header.

    `key` is a private key on the curve of the version, or a callable that takes the octets to sign
    (not their hash) and returns an ECDSA signature in DER, so that keys may stay in their backend.
    SignatureError where an element has no Id or shares it, or the callable answers something else.
    """
    profile = PROFILES[version_of(message)]
    elements = signed_elements(message)
    header: Any = replace(message.header, signature=None)
    _by_id(replace(message, header=header), elements)
    signed_info = _signed_info([_reference(element, profile) for element in elements], profile)
    der = _signer(key, profile)(encode_fragment(signed_info))
    value = SignatureValue(value=der_to_raw(der, profile.version))
    signature = Signature(signed_info=signed_info, signature_value=value)
    return replace(message, header=replace(header, signature=signature))


def verify(
    message: Message,
    public_key: ec.EllipticCurvePublicKey,
    expected: Sequence[Fragment] | None = None,
) -> None:
    """Refuse a message without a signature by `public_key` over exactly `expected`.

    `expected` are elements of the message itself, by default its `signed_elements`. The caller has
    checked the certificate that `public_key` comes from.
    """
    profile = PROFILES[version_of(message)]
    signature = message.header.signature
    if signature is None:
        raise SignatureError("the message is not signed")
    elements = signed_elements(message) if expected is None else expected
    signed_info = signature.signed_info
    _check_algorithms(signed_info, profile)
    _check_references(signed_info, _by_id(message, elements), profile)
    if public_key.curve.name != profile.version.curve.name:
        raise SignatureError(f"the key is not on {profile.version.curve.name}")
    der = raw_to_der(signature.signature_value.value, profile.version)
    try:
        public_key.verify(
            der, encode_fragment(signed_info), ec.ECDSA(profile.version.hash_algorithm)
        )
    except InvalidSignature:
        raise SignatureError("the signature value does not match") from None


def der_to_raw(der: bytes, version: IsoVersion = IsoVersion.ISO_2) -> bytes:
    """r||s of an ECDSA signature in DER."""
    size = version.coordinate_size
    try:
        r, s = decode_dss_signature(der)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    except (ValueError, OverflowError, TypeError) as error:
        raise SignatureError(f"not an ECDSA signature of {version.value} in DER") from error


def raw_to_der(raw: bytes, version: IsoVersion = IsoVersion.ISO_2) -> bytes:
    """DER of r||s; SignatureError unless it has its exact size."""
    size = version.coordinate_size
    if len(raw) != 2 * size:
        raise SignatureError(f"the signature value is not r||s of {2 * size} octets")
    return encode_dss_signature(
        int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big")
    )


def _signer(key: ec.EllipticCurvePrivateKey | Sign, profile: Profile) -> Sign:
    if callable(key):
        return key
    if key.curve.name != profile.version.curve.name:
        raise SignatureError(f"the key is not on {profile.version.curve.name}")
    return lambda data: key.sign(data, ec.ECDSA(profile.version.hash_algorithm))


def _reference(element: Fragment, profile: Profile) -> Reference:
    return Reference(
        uri=f"#{element.id}",
        transforms=Transforms(transform=(Transform(algorithm=CANONICAL_EXI),)),
        digest_method=DigestMethod(algorithm=profile.digest_algorithm),
        digest_value=profile.digest(encode_fragment(element)),
    )


def _signed_info(references: Iterable[Reference], profile: Profile) -> SignedInfo:
    return SignedInfo(
        canonicalization_method=CanonicalizationMethod(algorithm=CANONICAL_EXI),
        signature_method=SignatureMethod(algorithm=profile.signature_algorithm),
        reference=tuple(references),
    )


def _by_id(message: Message, elements: Sequence[Fragment]) -> dict[str, Fragment]:
    """The elements by Id; refused unless each is of the message and its Id is used once in it."""
    parts = list(_parts(message))
    ids = [part.id for part in parts if getattr(part, "id", None)]
    for element in elements:
        if not element.id:
            raise SignatureError(f"{declaration(type(element)).name} has no Id")
        if ids.count(element.id) != 1 or not any(part is element for part in parts):
            raise SignatureError(
                "an Id to be signed does not name exactly one element of the message"
            )
    return {str(element.id): element for element in elements}


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, tuple):
        for item in value:
            yield from _parts(item)
    elif is_declared(type(value)):
        yield value
        for field in declaration(type(value)).fields:
            yield from _parts(getattr(value, field.python_name))


def _check_algorithms(signed_info: SignedInfo, profile: Profile) -> None:
    if signed_info.canonicalization_method.algorithm != CANONICAL_EXI:
        raise SignatureError("the canonicalization of the signature is not canonical EXI")
    if signed_info.signature_method.algorithm != profile.signature_algorithm:
        raise SignatureError(f"the signature algorithm is not that of {profile.version.value}")
    if not 1 <= len(signed_info.reference) <= MAX_REFERENCES:
        raise SignatureError(f"a signature has 1 to {MAX_REFERENCES} references")
    for reference in signed_info.reference:
        transforms = reference.transforms.transform if reference.transforms else ()
        if [transform.algorithm for transform in transforms] != [CANONICAL_EXI]:
            raise SignatureError("the transform of a reference is not canonical EXI alone")
        if reference.digest_method.algorithm != profile.digest_algorithm:
            raise SignatureError(f"a digest algorithm is not that of {profile.version.value}")


def _check_references(
    signed_info: SignedInfo, elements: dict[str, Fragment], profile: Profile
) -> None:
    uris = [reference.uri for reference in signed_info.reference]
    if sorted(uris, key=str) != sorted(f"#{identifier}" for identifier in elements):
        raise SignatureError("the references are not exactly the elements to be signed")
    for reference in signed_info.reference:
        element = elements[str(reference.uri)[1:]]
        try:
            computed = profile.digest(encode_fragment(element))
        except ExiError as error:
            raise SignatureError("a signed element cannot be digested") from error
        if not hmac.compare_digest(computed, reference.digest_value):
            raise SignatureError(f"the digest of {declaration(type(element)).name} does not match")
