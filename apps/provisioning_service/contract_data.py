"""Contract data as an MO with its own CA hands it in, before anybody signed it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractData:
    """Contract chain (DER), the contract key encrypted for the vehicle (48 octets), DH point (65).

    `sub_ca2` issued the contract certificate, `sub_ca1` issued `sub_ca2`; with one sub-CA alone it
    is `sub_ca1` that issued the contract certificate.
    """

    certificate: bytes
    sub_ca2: bytes | None
    sub_ca1: bytes
    encrypted_private_key: bytes
    dh_public_key: bytes

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Leaf first, without the root."""
        sub_cas = (self.sub_ca1,) if self.sub_ca2 is None else (self.sub_ca2, self.sub_ca1)
        return (self.certificate, *sub_cas)
