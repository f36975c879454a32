"""Certificates cast from one mould: what differs is put into place, then it is signed.

The first certificate is made, linted and signed like any other. PCID, serial number and public key
have the same length in each, so the others are its signed part with these put in anew. That is what
makes thousands a second of them possible; nobody could tell them from those of the builder.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from v2g.pki import builder
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

SERIAL_TOP: Final = 0x40
"""The first octet of a serial number begins with 01, so that it is 20 octets long in every one."""
_SEQUENCE, _BIT_STRING = b"\x30", b"\x03"


@dataclass(frozen=True, slots=True)
class Terms:
    """What all certificates of a fleet share. The times are aware, in whole seconds."""

    organization: str
    not_before: datetime
    not_after: datetime
    ocsp_url: str
    crl_url: str


class Mould:
    """Makes provisioning certificates (ISO 15118-2, P-256) below one sub-CA."""

    def __init__(
        self, terms: Terms, *, pcid: str, issuer: Certificate, key: ec.EllipticCurvePrivateKey
    ) -> None:
        """Make the first certificate, of `pcid`; others need PCIDs of its length."""
        self._key = key
        serial = _serial()
        public_key = ec.generate_private_key(IsoVersion.ISO_2.curve).public_key()
        draft = Draft(
            profile=OEM_LEAF,
            version=IsoVersion.ISO_2,
            subject=Subject(pcid, terms.organization),
            public_key=public_key,
            serial=int.from_bytes(serial, "big"),
            not_before=terms.not_before,
            not_after=terms.not_after,
            ocsp_url=terms.ocsp_url,
            crl_url=terms.crl_url,
        )
        self.first = builder.issue(draft, issuer=issuer, signing_key=key)
        self._tbs = self.first.tbs
        point = _point(public_key)
        self._places = [
            self._place(part)
            for part in (pcid.encode(), serial, point, hashlib.sha1(point).digest())  # noqa: S324  RFC 5280 4.2.1.2
        ]
        after = self.first.der.index(self._tbs) + len(self._tbs)
        self._algorithm = self.first.der[after : after + 2 + self.first.der[after + 1]]

    def cast(self, pcid: str, public_key: ec.EllipticCurvePublicKey) -> tuple[bytes, bytes]:
        """Make the certificate of a vehicle: DER and serial number. ValueError: another length."""
        point, serial = _point(public_key), _serial()
        parts = (pcid.encode(), serial, point, hashlib.sha1(point).digest())  # noqa: S324  as above
        tbs = bytearray(self._tbs)
        for place, part in zip(self._places, parts, strict=True):
            if len(part) != place.stop - place.start:
                raise ValueError(f"{pcid} is longer or shorter than the first PCID")
            tbs[place] = part
        signature = self._key.sign(bytes(tbs), ec.ECDSA(hashes.SHA256()))
        signed = _BIT_STRING + _length(len(signature) + 1) + b"\0" + signature
        return _wrap(bytes(tbs) + self._algorithm + signed), serial

    def _place(self, part: bytes) -> slice:
        if self._tbs.count(part) != 1:
            raise ValueError("the certificate holds a part more than once")
        start = self._tbs.index(part)
        return slice(start, start + len(part))


def _serial() -> bytes:
    octets = secrets.token_bytes(builder.SERIAL_OCTETS)
    return bytes([SERIAL_TOP | octets[0] & 0x3F]) + octets[1:]


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _length(count: int) -> bytes:
    """A length of DER (X.690 8.1.3), below 65,536."""
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes(1 if count < 0x100 else 2, "big")
    return bytes([0x80 | len(octets)]) + octets


def _wrap(content: bytes) -> bytes:
    return _SEQUENCE + _length(len(content)) + content
