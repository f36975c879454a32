"""Contract data by an MO with a CA of its own (OPCP ContractData)."""

from base64 import b64encode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from apps.demo.pki import DemoPki
from v2g import envelope
from v2g.envelope import SealedKey
from v2g.pki.certificate import Certificate


@dataclass(frozen=True, slots=True)
class OwnContractData:
    """Contract certificate, its chain, and its key encrypted for one vehicle."""

    certificate: Certificate
    sub_ca2: Certificate
    sub_ca1: Certificate
    sealed: SealedKey

    def as_json(self) -> dict[str, str]:
        """The flat ContractData of OPCP's CPS."""
        return {
            "contractCertificate": base64(self.certificate.der),
            "contractSubCa2Certificate": base64(self.sub_ca2.der),
            "contractSubCa1Certificate": base64(self.sub_ca1.der),
            "contractSignatureEncryptedPrivateKey": base64(self.sealed.encrypted_private_key),
            "dHpublickey": base64(self.sealed.dh_public_key),
        }


def make(
    pki: DemoPki, *, emaid: str, vehicle_key: ec.EllipticCurvePublicKey, days: int = 700
) -> OwnContractData:
    """Issue a contract certificate and encrypt its key for the vehicle; the key is not kept."""
    leaf = pki.leaf(emaid, days=days)
    sealed = envelope.seal(leaf.key, vehicle_key)
    return OwnContractData(leaf.certificate, pki.sub2.certificate, pki.sub1.certificate, sealed)


def base64(octets: bytes) -> str:
    return b64encode(octets).decode()
