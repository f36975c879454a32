"""What the steps hand on to each other, and the few calls that several of them make."""

import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from apps.demo.lifecycle.backends import Backend, require
from apps.demo.lifecycle.cast import Cast
from apps.demo.lifecycle.own_ca import base64
from apps.demo.lifecycle.vehicle import Installed, Vehicle
from apps.demo.pki import DemoPki
from v2g.ids import Emaid, ProviderId
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import OEM_LEAF, Branch
from v2g.protocol import ISO_2_MSGDEF, IsoVersion

ROOTS: Final = "/v1/root/rootCerts"
VEHICLES: Final = "/v1/oem/provCerts"
CONTRACTS: Final = "/v1/ccp/signedContractData"
ENDPOINTS: Final = "/v1/webhook/endpoints"
VERSION: Final = {"xsdMsgDefNamespace": ISO_2_MSGDEF}


@dataclass(frozen=True, slots=True)
class Hook:
    """The OEM's webhook endpoint."""

    identifier: str
    secret: str


@dataclass
class Lifecycle:
    """One run. `mark` keeps its names apart from those of other runs.

    Vehicles: the first has contracts of the MO without a PKI, `generated` and later `second`; the
    others one each of the MO with its own CA, `signed` and `signed_later`.
    """

    cast: Cast
    mark: str = field(default_factory=lambda: secrets.token_hex(5).upper())
    vehicles: list[Vehicle] = field(default_factory=list)
    installed: list[Installed] = field(default_factory=list)
    hook: Hook = Hook("", "")

    def __post_init__(self) -> None:
        slug, url = f"run-{self.mark.lower()}", self.cast.base_url
        self.oem_pki = DemoPki.make(
            f"{slug}-oem", branch=Branch.OEM, organization=f"OEM {self.mark}", base_url=url
        )
        self.mo_pki = DemoPki.make(
            f"{slug}-mo", branch=Branch.MO, organization=f"MO {self.mark}", base_url=url
        )
        self.generated, self.second = (self._emaid(self.cast.provider_id, one) for one in "GD")
        own = self.cast.own_ca_provider_id
        self.signed, self.signed_later = (self._emaid(own, one) for one in "ST")

    def _emaid(self, provider_id: str, letter: str) -> str:
        instance = f"C{letter}{self.mark[:7]}"
        return str(Emaid.compose(ProviderId.parse(provider_id), instance).with_check_digit)

    def roots(self) -> dict[str, tuple[str, Certificate]]:
        """Type and certificate of every root of the RCP, by fingerprint."""
        listed = self.cast.mo.call("GET", ROOTS)["RootCertificateCollection"]
        found = {}
        for one in listed["rootCertificates"]:
            certificate = Certificate.from_der(b64decode(one["caCertificate"]))
            found[certificate.fingerprint.hex()] = (str(one["rootType"]), certificate)
        return found

    def v2g_roots(self) -> tuple[Certificate, ...]:
        """The roots that go into the trust store of a vehicle, which speaks ISO 15118-2."""
        curve = IsoVersion.ISO_2.curve.name
        found = self.roots().values()
        return tuple(one for kind, one in found if kind == "V2G" and one.curve == curve)

    def provisioning_chain(self, backend: Backend, pcid: str) -> tuple[Certificate, ...]:
        """Return leaf, Sub2, Sub1 as the backend fetched and verified them."""
        message = backend.call("GET", f"{VEHICLES}/{pcid}")["OEMMessage"]
        names = ("vehicleCertificate", "subCA2Certificate", "subCA1Certificate")
        chain = [Certificate.from_der(b64decode(message[name])) for name in names]
        kinds = {"V2G": RootKind.V2G, "OEM": RootKind.OEM}
        anchors = Anchors(
            Anchor(one, kinds[kind]) for kind, one in self.roots().values() if kind in kinds
        )
        check_chain(
            chain[0],
            chain[1:],
            anchors,
            profile=OEM_LEAF,
            version=IsoVersion.ISO_2,
            at=datetime.now(UTC),
        )
        return tuple(chain)

    def trade(self, vehicle: Vehicle, *, expect: int = 200) -> bytes:
        """OPCP getSignedContractData: return the EXI that the charge point hands the vehicle."""
        body = {"certificateInstallationReq": base64(vehicle.request()), **VERSION}
        answer = self.cast.cpo.call("POST", CONTRACTS, body, expect=expect)
        entries = answer["CCPResponse"]["emaidContent"]
        require(len(entries) == 1, "there is not exactly one entry")
        return b64decode(entries[0]["messageDef"]["certificateInstallationRes"])
