"""Contracts for tests: signers, MOs with and without a CA, a vehicle that checks what it gets."""

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from apps.contract_pool import services as ccp
from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.participants.models import Organization
from apps.pki.models import Authority
from apps.provisioning_service import services as cps
from apps.provisioning_service.contract_data import ContractData
from apps.provisioning_service.models import Signer
from tests.factories import parties, pki, snapshots, trust
from v2g import envelope, exi, signature
from v2g.ids import Emaid, ProviderId
from v2g.messages import iso2
from v2g.messages.xmldsig import X509IssuerSerial
from v2g.pki import chains
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CPS_LEAF, Branch
from v2g.protocol import IsoVersion

Purpose = Authority.Purpose
_numbers = itertools.count(1)


def emaid(provider_id: str = "DEMOB") -> Emaid:
    """An EMAID that no other contract of the test run has, with its check digit."""
    return Emaid.compose(ProviderId.parse(provider_id), f"C{next(_numbers):08d}")


def signer(made: trust.Ecosystem, **changes: Any) -> Signer:
    """A CPS certificate under the V2G root of the ecosystem."""
    person, _ = trust.operator_people()
    return cps.create_signer(
        actor=person,
        root=made.root.certificate.fingerprint,
        common_name=f"CPS {next(_numbers)}",
        **changes,
    )


@dataclass(frozen=True)
class Mo:
    """A mobility operator; `pki` is its own CA, where it has one."""

    organization: Organization
    actor: Actor
    provider_id: str
    pki: trust.OemPki | None = None

    def emaid(self) -> Emaid:
        return emaid(self.provider_id)


def mo(*, own_pki: bool = False, provider_id: str = "") -> Mo:
    """An MO with a provider id of its own; with `own_pki` also a CA whose root is in the RCP."""
    owned = provider_id or f"DE{_base36(next(_numbers))}"
    made = parties.organization(provider_ids=[owned], own_pki=own_pki)
    own = trust.oem_pki(branch=Branch.MO) if own_pki else None
    return Mo(made, parties.actor(organization=made), owned, own)


def cpo_actor() -> Actor:
    """A charge point operator's backend."""
    owned = f"DE{_base36(next(_numbers))}"
    return parties.actor(organization=parties.organization(operator_ids=[owned]))


@dataclass(frozen=True)
class World:
    """A V2G ecosystem that signs, an MO, and a vehicle that is published."""

    v2g: trust.Ecosystem
    signer: Signer
    mo: Mo
    oem: trust.OemPki
    vehicle: trust.Vehicle
    emaid: Emaid

    @property
    def car(self) -> "Car":
        return Car(self.vehicle, [self.v2g.root.certificate])

    def generate(self, **changes: Any) -> Contract:
        """Let the V2G MO CA make contract data."""
        now = trust.now()
        terms: dict[str, Any] = {
            "actor": self.mo.actor,
            "pcid": self.vehicle.pcid,
            "emaid": self.emaid,
            "begins": now,
            "ends": now + timedelta(days=300),
        }
        return cps.generate(**(terms | changes))

    def sign(self, **changes: Any) -> cps.Signed:
        """Have contract data of the MO's own CA signed, and stored for the vehicle."""
        terms: dict[str, Any] = {
            "actor": self.mo.actor,
            "version": IsoVersion.ISO_2,
            "contract_data": contract_data(self.mo, self.vehicle, self.emaid),
            "pcid": self.vehicle.pcid,
        }
        return cps.sign(**(terms | changes))


@snapshots.kept
def world(*, own_pki: bool = False) -> World:
    """Everything that the life of a contract needs."""
    made = trust.v2g_ecosystem(purposes=(Purpose.MO, Purpose.CPS))
    party = mo(own_pki=own_pki)
    oem = trust.oem_pki()
    vehicle = trust.published_vehicle(oem=oem)
    return World(made, signer(made), party, oem, vehicle, party.emaid())


def contract_leaf(party: Mo, name: Emaid | str, **changes: Any) -> pki.Holder:
    """A contract certificate of the MO's own CA."""
    assert party.pki is not None
    key = ec.generate_private_key(ec.SECP256R1())
    return pki.make_leaf(party.pki.pki, str(name), key=key, **changes)


def contract_data(
    party: Mo, vehicle: trust.Vehicle, name: Emaid | str, *, leaf: pki.Holder | None = None
) -> ContractData:
    """Contract data as an MO with its own CA makes it."""
    assert party.pki is not None
    holder = leaf or contract_leaf(party, name)
    sealed = envelope.seal(holder.key, vehicle.key.public_key())
    return ContractData(
        certificate=holder.der,
        sub_ca2=party.pki.pki.sub2.der,
        sub_ca1=party.pki.pki.sub1.der,
        encrypted_private_key=sealed.encrypted_private_key,
        dh_public_key=sealed.dh_public_key,
    )


def contract_data_body(data: ContractData) -> dict[str, str]:
    """The flat form of OPCP."""
    texts = {
        "contractCertificate": data.certificate,
        "contractSubCa2Certificate": data.sub_ca2,
        "contractSubCa1Certificate": data.sub_ca1,
        "contractSignatureEncryptedPrivateKey": data.encrypted_private_key,
        "dHpublickey": data.dh_public_key,
    }
    return {name: base64.b64encode(value).decode() for name, value in texts.items() if value}


@dataclass(frozen=True)
class Car:
    """A vehicle as it acts at a charge point, with the V2G roots in its trust store."""

    vehicle: trust.Vehicle
    roots: Sequence[Certificate]
    session_id: bytes = field(default=bytes.fromhex("2A3DC6D75411F647"))

    def request(self, **changes: Any) -> bytes:
        """A signed CertificateInstallationReq in EXI."""
        return exi.encode(self.message(**changes))

    def message(
        self,
        *,
        certificate: bytes | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
        names: Sequence[tuple[str, int]] | None = None,
    ) -> iso2.V2GMessage:
        """The same, not yet encoded."""
        listed = names or [(root.subject.text, root.serial) for root in self.roots]
        body = iso2.CertificateInstallationReq(
            id="ID1",
            oem_provisioning_cert=certificate or self.vehicle.chain[0].der,
            list_of_root_certificate_ids=iso2.ListOfRootCertificateIDs(
                root_certificate_id=tuple(
                    X509IssuerSerial(issuer_name=name, serial_number=serial)
                    for name, serial in listed
                )
            ),
        )
        header = iso2.MessageHeader(session_id=self.session_id)
        unsigned = iso2.V2GMessage(header=header, body=body)
        return signature.sign(unsigned, key or self.vehicle.key)

    def accept(
        self, stream: bytes, *, at: datetime | None = None
    ) -> tuple[Certificate, ec.EllipticCurvePrivateKey]:
        """Check a response as a vehicle does and open the contract key, which fits.

        The CPS certificate reaches a root of the trust store and signed the four elements; the key
        inside belongs to the contract certificate [V2G2-823, V2G2-925].
        """
        message = exi.decode(stream)
        body = installed(stream)
        assert body.response_code is iso2.ResponseCode.OK
        signing = [
            Certificate.from_der(der) for der in _ders(body.sa_provisioning_certificate_chain)
        ]
        anchors = Anchors(Anchor(root, RootKind.V2G) for root in self.roots)
        chains.check_chain(
            signing[0],
            signing[1:],
            anchors,
            profile=CPS_LEAF,
            version=IsoVersion.ISO_2,
            at=at or trust.now(),
        )
        public_key = signing[0].public_key
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        signature.verify(message, public_key)
        contract = Certificate.from_der(body.contract_signature_cert_chain.certificate)
        assert body.emaid.value == contract.common_name
        sealed = envelope.SealedKey(
            body.contract_signature_encrypted_private_key.value, body.dh_publickey.value
        )
        opened = envelope.open_(sealed, self.vehicle.key)
        assert isinstance(contract.public_key, ec.EllipticCurvePublicKey)
        envelope.require_fit(opened, contract.public_key)
        return contract, opened

    def install(self, actor: Actor, **changes: Any) -> ccp.Installation:
        """Trade a request for contract data through the service."""
        return ccp.install(actor=actor, exi=self.request(**changes), version=IsoVersion.ISO_2)


def installed(stream: bytes) -> iso2.CertificateInstallationRes:
    """The body of a response."""
    body = exi.decode(stream).body
    assert isinstance(body, iso2.CertificateInstallationRes)
    return body


def tampered(stream: bytes, **changes: Any) -> bytes:
    """A message with other values in its body, the signature as it was."""
    message = exi.decode(stream)
    return exi.encode(replace(message, body=replace(message.body, **changes)))


def _ders(chain: iso2.CertificateChain) -> tuple[bytes, ...]:
    above = chain.sub_certificates.certificate if chain.sub_certificates else ()
    return (chain.certificate, *above)


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return digits[number // 1296 % 36] + digits[number // 36 % 36] + digits[number % 36]
