"""What the vehicle does itself: ask for a contract with its key, check and open the answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from apps.demo.lifecycle.backends import StepFailed, require
from v2g import envelope, exi, signature
from v2g.envelope import SealedKey
from v2g.messages import iso2
from v2g.messages.xmldsig import X509IssuerSerial
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import CPS_LEAF
from v2g.protocol import IsoVersion

SESSION_ID: Final = bytes.fromhex("0badcafe0badcafe")


@dataclass(frozen=True, slots=True)
class Installed:
    """What the vehicle holds afterwards: the contract and the key that proves it."""

    emaid: str
    certificate: Certificate
    issuer: Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its provisioning key and the V2G roots in its trust store."""

    pcid: str
    key: ec.EllipticCurvePrivateKey
    chain: tuple[Certificate, ...]
    v2g_roots: tuple[Certificate, ...]

    def request(self) -> bytes:
        """Return a signed CertificateInstallationReq as EXI (ISO 15118-2 8.4.3.11.2)."""
        known = tuple(
            X509IssuerSerial(
                issuer_name=root.issuer.text,
                serial_number=root.serial,
            )
            for root in self.v2g_roots
        )
        body = iso2.CertificateInstallationReq(
            id="ID1",
            oem_provisioning_cert=self.chain[0].der,
            list_of_root_certificate_ids=iso2.ListOfRootCertificateIDs(root_certificate_id=known),
        )
        header = iso2.MessageHeader(session_id=SESSION_ID)
        return exi.encode(signature.sign(iso2.V2GMessage(header=header, body=body), self.key))

    def open(self, stream: bytes) -> Installed:
        """Check the CPS and its signature, open the contract key, prove that it fits.

        StepFailed where a real vehicle would refuse the answer.
        """
        message = exi.decode(stream, IsoVersion.ISO_2)
        body = message.body
        if not isinstance(body, iso2.CertificateInstallationRes):
            raise StepFailed("the answer is no CertificateInstallationRes")
        require(body.response_code is iso2.ResponseCode.OK, f"the answer is {body.response_code}")
        cps = self._checked_cps(body.sa_provisioning_certificate_chain)
        signature.verify(message, elliptic(cps))
        sealed = SealedKey(
            body.contract_signature_encrypted_private_key.value, body.dh_publickey.value
        )
        certificate, issuer, *_ = _certificates(body.contract_signature_cert_chain)
        key = envelope.open_(sealed, self.key)
        require(key.public_key() == certificate.public_key, "the key does not fit the contract")
        return Installed(body.emaid.value, certificate, issuer, key)

    def _checked_cps(self, chain: iso2.CertificateChain) -> Certificate:
        leaf, *above = _certificates(chain)
        check_chain(
            leaf,
            above,
            Anchors(Anchor(root, RootKind.V2G) for root in self.v2g_roots),
            profile=CPS_LEAF,
            version=IsoVersion.ISO_2,
            at=datetime.now(UTC),
        )
        return leaf


def _certificates(chain: iso2.CertificateChain) -> list[Certificate]:
    """Leaf, Sub2, Sub1; StepFailed for a leaf without its issuers."""
    if chain.sub_certificates is None:
        raise StepFailed("a certificate chain comes without its sub-CAs")
    return [
        Certificate.from_der(der)
        for der in (chain.certificate, *chain.sub_certificates.certificate)
    ]


def elliptic(certificate: Certificate) -> ec.EllipticCurvePublicKey:
    """Return the public key of a certificate; StepFailed if it is of another kind."""
    key = certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise StepFailed("the key of the certificate is not on an elliptic curve")
    return key


def response_code(stream: bytes) -> iso2.ResponseCode:
    """Return what an answer says, without opening it."""
    body = exi.decode(stream, IsoVersion.ISO_2).body
    if not isinstance(body, iso2.CertificateInstallationRes):
        raise StepFailed("the answer is no CertificateInstallationRes")
    return body.response_code
