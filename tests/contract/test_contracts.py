"""Answers of CPS, CCP and webhooks against the shapes of OPCP."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from tests.contract import shapes
from tests.contract.shapes import require
from tests.factories import contracts, parties, trust
from tests.factories.calls import Caller
from v2g.protocol import ISO_2_MSGDEF

pytestmark = pytest.mark.django_db

CONTRACTS = "/v1/ccp/signedContractData"
ENDPOINTS = "/v1/webhook/endpoints"
VERSION = {"xsdMsgDefNamespace": ISO_2_MSGDEF}


def _flat(world: contracts.World) -> dict[str, Any]:
    data = contracts.contract_data(world.mo, world.vehicle, world.emaid)
    return {"contractData": contracts.contract_data_body(data), **VERSION}


def _nested(world: contracts.World) -> dict[str, Any]:
    flat = _flat(world)["contractData"]
    chain = {
        "contractSignatureCertChainCertificate": flat.pop("contractCertificate"),
        "contractSignatureCertChainSubCertificates": [
            flat.pop("contractSubCa2Certificate"),
            flat.pop("contractSubCa1Certificate"),
        ],
    }
    emaid = str(world.emaid)
    data = {**flat, "contractSignatureCertChain": chain, "emaid": emaid}
    return {"contractData": data, "pcid": str(world.vehicle.pcid), "emaid": emaid, **VERSION}


def _request(world: contracts.World) -> dict[str, str]:
    request = base64.b64encode(world.car.request()).decode()
    return {"certificateInstallationReq": request, **VERSION}


def test_the_provisioning_service(world: contracts.World) -> None:
    mo = Caller(world.mo.organization)
    pcid = str(world.vehicle.pcid)
    require(mo.get("/cps/signer"), 200, shapes.SIGNERS)
    signed = "/v1/cps/contractData/signed"
    require(mo.put(signed, _flat(world)), 201, shapes.SIGNED)
    require(mo.put(signed, _flat(world) | {"pcid": pcid}), 201, shapes.SIGNED)
    require(mo.put(signed, {}), 400, shapes.ERROR)
    older = "/v1/cps/signedContractData"
    require(mo.put(older, _nested(world)), 200, shapes.SIGNED_OLDER)
    forwarded = "/v1/cps/forward/signedContractData"
    require(mo.put(forwarded, _nested(world)), 201, shapes.EMPTY)
    oem = Caller(world.vehicle.owner)
    require(oem.put(signed, _flat(world)), 403, shapes.ERROR)


def test_generated_contract_data(world: contracts.World) -> None:
    now = trust.now()
    body = {
        "contractBegins": now.isoformat(),
        "contractEnds": (now + timedelta(days=100)).isoformat(),
        "pcid": str(world.vehicle.pcid),
        "emaid": str(world.emaid),
        **VERSION,
    }
    path = "/v1/cps/generate/signedContractData"
    mo = Caller(world.mo.organization)
    require(mo.put(path, body), 201, shapes.EMPTY)
    require(mo.put(path, body | {"contractEnds": "2001-01-01T00:00:00Z"}), 400, shapes.ERROR)


def test_storing_what_was_signed(world: contracts.World) -> None:
    mo = Caller(world.mo.organization)
    signed = mo.put("/v1/cps/contractData/signed", _flat(world)).json()
    body = {
        "signedContractDataXML": signed["signedData"],
        "emaid": str(world.emaid),
        "pcid": str(world.vehicle.pcid),
        **VERSION,
    }
    require(mo.put(CONTRACTS, body), 201, shapes.EMPTY)
    require(mo.put(CONTRACTS, body | {"emaid": "?"}), 400, shapes.ERROR)


def test_a_vehicle_at_a_charge_point(world: contracts.World) -> None:
    cpo = Caller(parties.organization(operator_ids=["DEABC"]))
    require(cpo.post(CONTRACTS, _request(world)), 404, shapes.INSTALLATION_REFUSED)
    plain = cpo.post(CONTRACTS, _request(world), {"alwaysReturnEXI": "false"})
    require(plain, 404, shapes.ERROR)
    world.generate()
    body = require(cpo.post(CONTRACTS, _request(world)), 200, shapes.INSTALLATION)
    assert len(body["CCPResponse"]["emaidContent"]) == 1
    require(cpo.post(CONTRACTS, {}), 400, shapes.ERROR)


def test_an_oem_and_the_contracts_of_its_vehicle(world: contracts.World) -> None:
    oem = Caller(world.vehicle.owner)
    pcid, emaid = str(world.vehicle.pcid), str(world.emaid)
    require(oem.get(f"{CONTRACTS}/{pcid}"), 200, shapes.NO_CONTRACTS)
    world.generate()
    require(oem.get(f"{CONTRACTS}/{pcid}"), 200, shapes.CONTRACTS)
    provide = "/v1/ccp/provideSignedContractData"
    require(oem.get(f"{provide}/{emaid}/{pcid}", {"sessionID": "00"}), 200, shapes.PROVIDED)
    require(oem.get(f"{provide}/{emaid}/{pcid}", {"sessionID": "x"}), 400, shapes.ERROR)
    require(oem.post(f"{CONTRACTS}/{pcid}/{emaid}/default", {}), 200, shapes.EMPTY)
    unknown = str(contracts.emaid(world.mo.provider_id))
    require(oem.post(f"{CONTRACTS}/{pcid}/{unknown}/default", {}), 404, shapes.ERROR)


def test_an_mo_looks_up_and_ends(world: contracts.World) -> None:
    world.generate()
    mo, emaid = Caller(world.mo.organization), str(world.emaid)
    require(mo.get(f"/v1/ccp/lookupContract/{emaid}"), 200, shapes.CONTRACTS)
    require(Caller(world.vehicle.owner).delete(f"{CONTRACTS}/{emaid}"), 403, shapes.ERROR)
    require(mo.delete(f"{CONTRACTS}/{emaid}"), 200, shapes.EMPTY)
    require(mo.delete(f"{CONTRACTS}/{emaid}"), 404, shapes.ERROR)
    require(mo.get(f"/v1/ccp/lookupContract/{emaid}"), 404, shapes.ERROR)


def test_webhook_endpoints() -> None:
    caller = Caller(parties.organization(wmis=["WVW"]))
    body = {"url": "https://hooks.example.com/a", "enabledEvents": ["oem.contract.created"]}
    made = require(caller.post(ENDPOINTS, body), 201, shapes.ENDPOINT_WITH_SECRET)
    one = f"{ENDPOINTS}/{made['id']}"
    require(caller.get(ENDPOINTS), 200, shapes.ENDPOINTS)
    require(caller.get(one), 200, shapes.ENDPOINT_WITH_SECRET)
    require(caller.put(one, {"url": body["url"], "status": "disabled"}), 200, shapes.ENDPOINT)
    require(caller.post(ENDPOINTS, body | {"url": "http://a.example"}), 400, shapes.ERROR)
    require(caller.delete(one), 200, shapes.EMPTY)
    require(caller.get(one), 404, shapes.ERROR)
