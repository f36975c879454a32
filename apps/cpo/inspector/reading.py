"""From what a person has (octets, hexadecimal digits, base64) to a message of ISO 15118."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, Final

from apps.core.errors import Invalid
from v2g import exi, signature
from v2g.errors import ExiError
from v2g.exi.json_form import to_json
from v2g.messages import iso2, iso20
from v2g.messages.schema import declaration
from v2g.protocol import IsoVersion

MAX_TYPED: Final = 4 * exi.MAX_SIZE
"""Characters: the largest message in hexadecimal digits, parted by spaces or colons."""
V2GTP: Final = re.compile(rb"\x01\xfe\x80[\x01\x02].{4}", re.DOTALL)
"""What a log of the vehicle's connection may have before the message (ISO 15118-2, 7.8.3)."""
_HEXADECIMAL: Final = re.compile(r"(0x)?([0-9A-Fa-f]{2}[\s:]*)+")


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A decoded message with its certificates (DER), each chain with its leaf first.

    `form` is the message in JSON, octets as the schema writes them.
    """

    message: exi.Message
    version: IsoVersion
    name: str
    form: dict[str, Any]
    vehicle: tuple[bytes, ...] = ()
    contract: tuple[bytes, ...] = ()
    signer: tuple[bytes, ...] = ()

    @property
    def session_id(self) -> bytes:
        return self.message.header.session_id

    @property
    def signed_by(self) -> tuple[bytes, ...]:
        """The chain whose leaf has to have signed the message."""
        return self.signer or self.vehicle or self.contract


def octets_of(typed: str | bytes) -> bytes:
    """Return the octets of an EXI stream; a V2GTP header before it is taken off.

    Text is hexadecimal digits or base64, with or without white space. Raises Invalid: `exi_text`.
    """
    octets = typed if isinstance(typed, bytes) else _from_text(typed)
    header = V2GTP.match(octets)
    return octets[header.end() :] if header else octets


def read(stream: bytes) -> ReadMessage:
    """Decode a certificate message of ISO 15118-2 or -20. Raises Invalid: `exi`."""
    try:
        return _opened(exi.decode(stream), IsoVersion.ISO_2)
    except ExiError as first:
        try:
            return _opened(exi.decode(stream, IsoVersion.ISO_20), IsoVersion.ISO_20)
        except ExiError:
            raise Invalid(
                "exi", f"This is no certificate message of ISO 15118: {first}."
            ) from first


def _from_text(typed: str) -> bytes:
    text = typed.strip()
    if _HEXADECIMAL.fullmatch(text):
        return bytes.fromhex(re.sub(r"^0x|[\s:]", "", text))
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("exi_text", "This is neither hexadecimal digits nor base64.") from error


def _opened(message: exi.Message, version: IsoVersion) -> ReadMessage:
    body = message.body if isinstance(message, iso2.V2GMessage) else message
    chains: dict[str, tuple[bytes, ...]] = {}
    match body:
        case iso2.CertificateInstallationReq():
            chains = {"vehicle": (body.oem_provisioning_cert,)}
        case iso2.CertificateUpdateReq():
            chains = {"contract": _chain(body.contract_signature_cert_chain)}
        case iso2.CertificateInstallationRes() | iso2.CertificateUpdateRes():
            chains = {
                "signer": _chain(body.sa_provisioning_certificate_chain),
                "contract": _chain(body.contract_signature_cert_chain),
            }
        case iso20.CertificateInstallationReq():
            chains = {"vehicle": _chain(body.oem_provisioning_certificate_chain)}
        case iso20.CertificateInstallationRes():
            contract = body.signed_installation_data.contract_certificate_chain
            chains = {"signer": _chain(body.cps_certificate_chain), "contract": _chain(contract)}
    name = declaration(type(body)).element_name
    return ReadMessage(message, version, name, to_json(message), **chains)


def _chain(chain: Any) -> tuple[bytes, ...]:
    subs = chain.sub_certificates.certificate if chain.sub_certificates else ()
    return (chain.certificate, *subs)


def is_signed(found: ReadMessage) -> bool:
    """Tell whether the message carries a signature at all."""
    return found.message.header.signature is not None and bool(
        signature.signed_elements(found.message)
    )
