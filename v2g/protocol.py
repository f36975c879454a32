"""The two generations of ISO 15118: their namespaces, curve and hash.

OPCP names the generation by the namespace of its messages, and the field spells that of ISO
15118-20 in three ways (2020 by EST, 2022 by the pools and their clients, and the name in the XSD
itself). All are read; one is stored and emitted, `IsoVersion.namespace`.
"""

from enum import Enum
from typing import Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from v2g.errors import V2GError

ISO_2_MSGDEF: Final = "urn:iso:15118:2:2013:MsgDef"
ISO_20_MSGDEF_2020: Final = "urn:iso:15118:20:2020:MsgDef"
ISO_20_MSGDEF_2022: Final = "urn:iso:15118:20:2022:MsgDef"
ISO_20_COMMON_MESSAGES: Final = "urn:iso:std:iso:15118:-20:CommonMessages"


class IsoVersion(Enum):
    """ISO 15118-2:2014 or ISO 15118-20:2022; the value is the short name shown to people."""

    ISO_2 = "ISO 15118-2"
    ISO_20 = "ISO 15118-20"

    @classmethod
    def parse(cls, namespace: str) -> Self:
        """Read any known spelling of a message namespace; V2GError for an unknown one."""
        version = _BY_NAMESPACE.get(namespace)
        if version is None:
            raise V2GError("unknown namespace of ISO 15118 messages")
        return cls(version)

    @property
    def namespace(self) -> str:
        """The canonical spelling: stored, compared and emitted on OPCP."""
        return ISO_2_MSGDEF if self is IsoVersion.ISO_2 else ISO_20_MSGDEF_2022

    @property
    def schema(self) -> str:
        """The target namespace of the XSD that the EXI and XML forms follow."""
        return ISO_2_MSGDEF if self is IsoVersion.ISO_2 else ISO_20_COMMON_MESSAGES

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve of its certificates: P-256 [V2G2-007], P-521 [V2G20-2674]."""
        return ec.SECP256R1() if self is IsoVersion.ISO_2 else ec.SECP521R1()

    @property
    def hash_algorithm(self) -> hashes.SHA256 | hashes.SHA512:
        """The hash of its signatures: SHA-256 [V2G2-006], SHA-512 [V2G20-2674]."""
        return hashes.SHA256() if self is IsoVersion.ISO_2 else hashes.SHA512()

    @property
    def coordinate_size(self) -> int:
        """Octets of one coordinate of the curve, and of r and of s in a signature: 32 or 66."""
        return 32 if self is IsoVersion.ISO_2 else 66


_BY_NAMESPACE: Final = {
    ISO_2_MSGDEF: IsoVersion.ISO_2,
    ISO_20_MSGDEF_2020: IsoVersion.ISO_20,
    ISO_20_MSGDEF_2022: IsoVersion.ISO_20,
    ISO_20_COMMON_MESSAGES: IsoVersion.ISO_20,
}
