"""Two faults of encoding that real leaf certificates have, put right in a copy to be read.

Certificates of vehicles are in the field for decades, so they are read although they are not DER:
a BasicConstraints that spells its default (`30 03 01 01 00`, cA FALSE) and a serial number with
needless leading zeros. Any other fault stays in the copy, and the strict reader refuses it.
Signatures are verified over the original octets.
"""

from dataclasses import dataclass
from typing import Final

from asn1crypto import core, x509

from v2g.errors import CertificateError
from v2g.pki.reading import UNREADABLE

_EXPLICIT_FALSE: Final = bytes.fromhex("3003010100")
_EMPTY: Final = bytes.fromhex("3000")
_INDEFINITE: Final = 0x80


@dataclass(frozen=True, slots=True)
class Repaired:
    """The copy in DER, the original signed part, and what was put right."""

    der: bytes
    original_tbs: bytes
    fault: str


def repair(der: bytes) -> Repaired:
    """Put the known faults right; CertificateError where there is no certificate at all."""
    faults = []
    try:
        certificate = x509.Certificate.load(der, strict=True)
        tbs = certificate["tbs_certificate"]
        original_tbs = tbs.dump()
        serial = tbs["serial_number"]
        if serial.contents != core.Integer(serial.native).contents:
            tbs["serial_number"] = core.Integer(serial.native)
            faults.append("the serial number has needless leading octets")
        for extension in tbs["extensions"]:
            if (
                extension["extn_id"].native == "basic_constraints"
                and extension["extn_value"].contents == _EXPLICIT_FALSE
            ):
                extension["extn_value"] = core.ParsableOctetString(_EMPTY)
                faults.append("cA FALSE is spelled out")
        repaired = certificate.dump()
    except UNREADABLE as error:
        raise CertificateError("the certificate cannot be read") from error
    # Only what is rewritten here could hide an indefinite length from the strict reader.
    if _INDEFINITE in {der[1], original_tbs[1]}:
        raise CertificateError("the certificate cannot be read")
    return Repaired(repaired, original_tbs, " and ".join(faults))
