"""What a signing request of EST should look like (RFC 7030 4.5.2): key, curve and hash."""

from typing import Final

from asn1crypto import core

from v2g.protocol import IsoVersion

_EC_PUBLIC_KEY: Final = "1.2.840.10045.2.1"
_CURVES: Final = {IsoVersion.ISO_2: "1.2.840.10045.3.1.7", IsoVersion.ISO_20: "1.3.132.0.35"}
_SIGNATURES: Final = {
    IsoVersion.ISO_2: "1.2.840.10045.4.3.2",
    IsoVersion.ISO_20: "1.2.840.10045.4.3.4",
}


def csr_attributes(version: IsoVersion) -> bytes:
    """Make the DER of CsrAttrs: an EC key on the version's curve, and ECDSA with its hash."""
    curves = _constructed(core.Set, _oid(_CURVES[version]))
    key = _constructed(core.Sequence, _oid(_EC_PUBLIC_KEY) + curves)
    return _constructed(core.Sequence, key + _oid(_SIGNATURES[version]))


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def _constructed(kind: type[core.Sequence] | type[core.Set], contents: bytes) -> bytes:
    return bytes(kind(contents=contents).dump())
