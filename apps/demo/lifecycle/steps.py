"""The steps, in order; each does its part over HTTP and fails loudly."""

import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apps.demo.lifecycle import own_ca, revocation
from apps.demo.lifecycle.backends import Backend, require
from apps.demo.lifecycle.cast import Cast
from apps.demo.lifecycle.own_ca import base64
from apps.demo.lifecycle.vehicle import Installed, Vehicle, elliptic, response_code
from apps.demo.pki import DemoPki
from v2g.ids import Emaid, ProviderId
from v2g.messages.iso2 import ResponseCode
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import OEM_LEAF, Branch
from v2g.protocol import ISO_2_MSGDEF, IsoVersion

ROOTS: Final = "/v1/root/rootCerts"
VEHICLES: Final = "/v1/oem/provCerts"
CONTRACTS: Final = "/v1/ccp/signedContractData"
SIGN: Final = "/v1/cps/contractData/signed"
GENERATE: Final = "/v1/cps/generate/signedContractData"
_VERSION: Final = {"xsdMsgDefNamespace": ISO_2_MSGDEF}


@dataclass
class Lifecycle:
    """What the steps hand on to each other. `mark` keeps the names of two runs apart."""

    cast: Cast
    mark: str = field(default_factory=lambda: secrets.token_hex(5).upper())
    vehicles: list[Vehicle] = field(default_factory=list)
    installed: list[Installed] = field(default_factory=list)

    def __post_init__(self) -> None:
        slug, url = f"run-{self.mark.lower()}", self.cast.base_url
        self.oem_pki = DemoPki.make(
            f"{slug}-oem", branch=Branch.OEM, organization=f"OEM {self.mark}", base_url=url
        )
        self.mo_pki = DemoPki.make(
            f"{slug}-mo", branch=Branch.MO, organization=f"MO {self.mark}", base_url=url
        )
        self.emaids = [self._emaid(self.cast.provider_id, "G")]
        self.emaids += [self._emaid(self.cast.own_ca_provider_id, letter) for letter in "ST"]

    def _emaid(self, provider_id: str, letter: str) -> str:
        instance = f"C{letter}{self.mark[:7]}"
        return str(Emaid.compose(ProviderId.parse(provider_id), instance).with_check_digit)

    # --- trust ------------------------------------------------------------------------------

    def submit_roots(self) -> None:
        """OPCP saveRootCa: taken in, but nobody sees it before another person has confirmed."""
        for kind, pki in (("OEM", self.oem_pki), ("MO", self.mo_pki)):
            root = pki.root.certificate
            body = {"rootType": kind, "caCertificate": base64(root.der)}
            self.cast.operator.call("PUT", ROOTS, body)
            require(root.fingerprint.hex() not in self._roots(), "a root is trusted too early")

    def confirm_roots(self) -> None:
        """The second pair of eyes types the fingerprint that came over another channel."""
        for pki in (self.oem_pki, self.mo_pki):
            fingerprint = pki.root.certificate.fingerprint.hex()
            self.cast.confirm(fingerprint)
            require(fingerprint in self._roots(), "a confirmed root is not listed")

    def _roots(self) -> dict[str, tuple[str, Certificate]]:
        """Type and certificate of every root of the RCP, by fingerprint."""
        listed = self.cast.mo.call("GET", ROOTS)["RootCertificateCollection"]
        found = {}
        for one in listed["rootCertificates"]:
            certificate = Certificate.from_der(b64decode(one["caCertificate"]))
            found[certificate.fingerprint.hex()] = (str(one["rootType"]), certificate)
        return found

    # --- vehicles ---------------------------------------------------------------------------

    def publish_vehicles(self) -> None:
        """OPCP addProvCert for three vehicles, each with a key of its own."""
        v2g = tuple(one for kind, one in self._roots().values() if kind == "V2G")
        for number in range(3):
            leaf = self.oem_pki.leaf(f"{self.cast.wmi}{self.mark}{number:04d}")
            pki = self.oem_pki
            chain = (leaf.certificate, pki.sub2.certificate, pki.sub1.certificate)
            vehicle = Vehicle(leaf.certificate.common_name, leaf.key, chain, v2g)
            names = ("vehicleCertificate", "subCA2Certificate", "subCA1Certificate")
            body = {name: base64(one.der) for name, one in zip(names, chain, strict=True)}
            self.cast.oem.call("PUT", VEHICLES, {**body, **_VERSION})
            self.vehicles.append(vehicle)

    def look_up_vehicle(self) -> None:
        """OPCP lookupVehicle and getProvCert; the MO checks the chain against the RCP itself."""
        for vehicle in self.vehicles:
            self.cast.mo.call("GET", f"{VEHICLES}/lookupVehicle/{vehicle.pcid}")
            fetched = self._provisioning_chain(self.cast.mo, vehicle.pcid)
            require(fetched == vehicle.chain, "the pool holds another chain")

    def _provisioning_chain(self, backend: Backend, pcid: str) -> tuple[Certificate, ...]:
        """Return leaf, Sub2, Sub1 as the backend fetched and verified them."""
        message = backend.call("GET", f"{VEHICLES}/{pcid}")["OEMMessage"]
        names = ("vehicleCertificate", "subCA2Certificate", "subCA1Certificate")
        chain = [Certificate.from_der(b64decode(message[name])) for name in names]
        kinds = {"V2G": RootKind.V2G, "OEM": RootKind.OEM}
        anchors = Anchors(
            Anchor(one, kinds[kind]) for kind, one in self._roots().values() if kind in kinds
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

    # --- contracts --------------------------------------------------------------------------

    def generate(self) -> None:
        """OPCP generateSignedContractData: the V2G MO CA makes the contract data."""
        now = datetime.now(UTC).replace(microsecond=0)
        body = {
            "pcid": self.vehicles[0].pcid,
            "emaid": self.emaids[0],
            "contractBegins": now.isoformat(),
            "contractEnds": (now + timedelta(days=365)).isoformat(),
        }
        self.cast.mo.call("PUT", GENERATE, {**body, **_VERSION}, expect=201)

    def sign_and_store(self) -> None:
        """OPCP signContractData with a PCID: signed by the CPS and stored in the CCP."""
        vehicle = self.vehicles[1]
        data = self._own_contract_data(self.emaids[1], vehicle)
        body = {"contractData": data, "pcid": vehicle.pcid, **_VERSION}
        self.cast.own_ca_mo.call("PUT", SIGN, body, expect=201)

    def sign_then_store(self) -> None:
        """signContractData without a PCID hands it back; addSignedContractData stores it later."""
        vehicle, emaid = self.vehicles[2], self.emaids[2]
        data = self._own_contract_data(emaid, vehicle)
        body = {"contractData": data, **_VERSION}
        signed = self.cast.own_ca_mo.call("PUT", SIGN, body, expect=201)
        self.cast.own_ca_mo.call("GET", f"/v1/ccp/lookupContract/{emaid}", expect=404)
        stored = {
            "emaid": emaid,
            "pcid": vehicle.pcid,
            "signedContractDataXML": signed["signedData"],
            **_VERSION,
        }
        self.cast.own_ca_mo.call("PUT", CONTRACTS, stored, expect=201)

    def _own_contract_data(self, emaid: str, vehicle: Vehicle) -> dict[str, str]:
        leaf = self._provisioning_chain(self.cast.own_ca_mo, vehicle.pcid)[0]
        return own_ca.make(self.mo_pki, emaid=emaid, vehicle_key=elliptic(leaf)).as_json()

    # --- installation -----------------------------------------------------------------------

    def install(self) -> None:
        """OPCP getSignedContractData: the CPO trades the vehicle's request for its contract."""
        for vehicle, emaid in zip(self.vehicles, self.emaids, strict=True):
            found = vehicle.open(self._trade(vehicle))
            require(found.emaid == emaid, f"{vehicle.pcid} got {found.emaid}, not {emaid}")
            self.installed.append(found)

    def _trade(self, vehicle: Vehicle, *, expect: int = 200) -> bytes:
        body = {"certificateInstallationReq": base64(vehicle.request()), **_VERSION}
        answer = self.cast.cpo.call("POST", CONTRACTS, body, expect=expect)
        entries = answer["CCPResponse"]["emaidContent"]
        require(len(entries) == 1, "there is not exactly one entry")
        return b64decode(entries[0]["messageDef"]["certificateInstallationRes"])

    def fetch_as_oem(self) -> None:
        """OPCP provideSignedContractData: the OEM's backend fetches what telematics installs."""
        vehicle, emaid = self.vehicles[0], self.emaids[0]
        path = f"/v1/ccp/provideSignedContractData/{emaid}/{vehicle.pcid}"
        query = {"sessionID": "00", **_VERSION}
        answer = self.cast.oem.call("GET", path, query=query)
        found = vehicle.open(b64decode(answer["certificateInstallationRes"]))
        same = found.certificate == self._first.certificate
        require(same, "the OEM got another contract than the charge point")

    @property
    def _first(self) -> Installed:
        require(bool(self.installed), "nothing was installed")
        return self.installed[0]

    # --- the end ----------------------------------------------------------------------------

    def terminate(self) -> None:
        """OPCP deleteContract: gone from the CCP, its certificate revoked."""
        self.cast.mo.call("DELETE", f"{CONTRACTS}/{self.emaids[0]}")
        self.cast.mo.call("GET", f"/v1/ccp/lookupContract/{self.emaids[0]}", expect=404)
        code = response_code(self._trade(self.vehicles[0], expect=404))
        require(
            code is ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE, f"the vehicle reads {code.value}"
        )
        revocation.require_revoked(self._first.certificate, self._first.issuer, self.cast.mo.http)

    def withdraw(self) -> None:
        """OPCP deleteProvCert: the vehicle leaves the PCP and takes its contract with it."""
        vehicle = self.vehicles[1]
        self.cast.oem.call("DELETE", f"{VEHICLES}/{vehicle.pcid}")
        self.cast.mo.call("GET", f"{VEHICLES}/{vehicle.pcid}", expect=404)
        self.cast.own_ca_mo.call("GET", f"/v1/ccp/lookupContract/{self.emaids[1]}", expect=404)


Step = tuple[str, Callable[[Any], None]]

STEPS: Final[tuple[Step, ...]] = (
    ("The operator's backend submits an OEM root and an MO root", Lifecycle.submit_roots),
    ("A second person of the operator confirms both", Lifecycle.confirm_roots),
    (
        "The OEM publishes the provisioning certificates of three vehicles",
        Lifecycle.publish_vehicles,
    ),
    ("The MO looks the vehicles up and verifies their chains", Lifecycle.look_up_vehicle),
    ("The MO without a PKI has contract data generated", Lifecycle.generate),
    ("The MO with its own CA has contract data signed and stored", Lifecycle.sign_and_store),
    ("It has contract data signed, and stores it itself later", Lifecycle.sign_then_store),
    ("The CPO trades each vehicle's request for its contract", Lifecycle.install),
    ("The OEM's backend fetches the same contract", Lifecycle.fetch_as_oem),
    ("The MO terminates a contract: gone, and its certificate revoked", Lifecycle.terminate),
    ("The OEM withdraws a vehicle, its contract goes with it", Lifecycle.withdraw),
)
