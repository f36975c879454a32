"""Contracts: generated, or made by the MO's own CA and signed; the default; the end."""

from datetime import UTC, datetime, timedelta
from typing import Final

from apps.demo.lifecycle import own_ca, revocation
from apps.demo.lifecycle.backends import require
from apps.demo.lifecycle.steps.lifecycle import CONTRACTS, VERSION, Lifecycle
from apps.demo.lifecycle.vehicle import Vehicle, elliptic, response_code
from v2g.messages.iso2 import ResponseCode
from v2g.pki.status import Status

SIGN: Final = "/v1/cps/contractData/signed"
GENERATE: Final = "/v1/cps/generate/signedContractData"


def generate(run: Lifecycle) -> str:
    """OPCP generateSignedContractData: the V2G MO CA makes the contract data."""
    return _generate(run, run.generated, is_default=True)


def generate_second(run: Lifecycle) -> str:
    """The same for a vehicle that has a contract already."""
    return _generate(run, run.second, is_default=False)


def _generate(run: Lifecycle, emaid: str, *, is_default: bool) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    body = {
        "pcid": run.vehicles[0].pcid,
        "emaid": emaid,
        "contractBegins": now.isoformat(),
        "contractEnds": (now + timedelta(days=365)).isoformat(),
    }
    run.cast.mo.call("PUT", GENERATE, {**body, **VERSION}, expect=201)
    _require_default(run, emaid, is_default)
    return f"{emaid}, {'the' if is_default else 'not'} default"


def sign_and_store(run: Lifecycle) -> str:
    """OPCP signContractData with a PCID: signed by the CPS and stored in the CCP."""
    vehicle = run.vehicles[1]
    data = _own_contract_data(run, run.signed, vehicle)
    body = {"contractData": data, "pcid": vehicle.pcid, **VERSION}
    run.cast.own_ca_mo.call("PUT", SIGN, body, expect=201)
    return run.signed


def sign_then_store(run: Lifecycle) -> str:
    """signContractData without a PCID hands it back; addSignedContractData stores it later."""
    vehicle, emaid = run.vehicles[2], run.signed_later
    data = _own_contract_data(run, emaid, vehicle)
    signed = run.cast.own_ca_mo.call("PUT", SIGN, {"contractData": data, **VERSION}, expect=201)
    run.cast.own_ca_mo.call("GET", f"/v1/ccp/lookupContract/{emaid}", expect=404)
    body = {"emaid": emaid, "pcid": vehicle.pcid, "signedContractDataXML": signed["signedData"]}
    run.cast.own_ca_mo.call("PUT", CONTRACTS, {**body, **VERSION}, expect=201)
    return emaid


def _own_contract_data(run: Lifecycle, emaid: str, vehicle: Vehicle) -> dict[str, str]:
    leaf = run.provisioning_chain(run.cast.own_ca_mo, vehicle.pcid)[0]
    return own_ca.make(run.mo_pki, emaid=emaid, vehicle_key=elliptic(leaf)).as_json()


def make_default(run: Lifecycle) -> str:
    """OPCP setDefaultContract: there is one default, so the first contract is none any more."""
    path = f"{CONTRACTS}/{run.vehicles[0].pcid}/{run.second}/default"
    run.cast.oem.call("POST", path)
    _require_default(run, run.second, True)
    _require_default(run, run.generated, False)
    return f"{run.second}, and only it"


def _require_default(run: Lifecycle, emaid: str, expected: bool) -> None:
    listed = run.cast.oem.call("GET", f"{CONTRACTS}/{run.vehicles[0].pcid}")["XMLContracts"]
    flags = {one["emaid"]: one["defaultContract"] for one in listed}
    require(flags.get(emaid) is expected, f"{emaid} is {'not ' if expected else ''}the default")


def terminate(run: Lifecycle) -> str:
    """OPCP deleteContract: gone from the CCP; the OEM has not chosen another default yet."""
    run.cast.mo.call("DELETE", f"{CONTRACTS}/{run.second}")
    run.cast.mo.call("GET", f"/v1/ccp/lookupContract/{run.second}", expect=404)
    code = response_code(run.trade(run.vehicles[0], expect=404))
    expected = ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE
    require(code is expected, f"the vehicle reads {code.value}")
    return "gone; the vehicle gets none now"


def check_good(run: Lifecycle) -> str:
    """RFC 6960, at the address in the contract certificate."""
    contract = run.installed[-1]
    revocation.require_status(Status.GOOD, contract.certificate, contract.issuer, run.cast.mo.http)
    return "good"


def check_revoked(run: Lifecycle) -> str:
    """The same once the contract is gone."""
    contract = run.installed[-1]
    found = revocation.require_status(
        Status.REVOKED, contract.certificate, contract.issuer, run.cast.mo.http
    )
    return f"{found.status.value}, {found.reason}" if found.reason else found.status.value
