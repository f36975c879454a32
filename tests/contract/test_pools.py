"""Answers of token, RCP and PCP against the shapes of OPCP."""

import base64

import pytest
from django.test import Client

from apps.core.actor import Role
from tests.contract import shapes
from tests.contract.shapes import require
from tests.factories import contracts, parties, pki, trust
from tests.factories.calls import Caller
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

ROOTS = "/v1/root/rootCerts"
VEHICLES = "/v1/oem/provCerts"
UNKNOWN_PCID = "WVWUNKNOWN0000001"


def text(der: bytes) -> str:
    return base64.b64encode(der).decode()


def test_a_token_and_its_refusals() -> None:
    client, secret = parties.client(organization=parties.organization())
    asked = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": secret,
        "audience": "http://testserver",
    }

    def post(**changes: str) -> object:
        return Client().post("/oauth/token", asked | changes, content_type="application/json")

    require(post(), 200, shapes.TOKEN)
    require(post(client_secret="wrong"), 401, shapes.TOKEN_ERROR)
    require(post(grant_type="password"), 400, shapes.TOKEN_ERROR)
    require(post(audience="https://elsewhere.example"), 403, shapes.TOKEN_ERROR)


def test_roots() -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    operator, reader = Caller(trust.operator()), Caller(parties.organization(roles=[Role.CPO]))
    body = {"caCertificate": text(holder.der), "rootType": "OEM"}
    assert operator.put(ROOTS, body).status_code == 200
    require(operator.put(ROOTS, body | {"caCertificate": "?"}), 400, shapes.ERROR)
    require(reader.put(ROOTS, body), 403, shapes.ERROR)
    row = trust.v2g_ecosystem(purposes=()).root_row
    listed = require(reader.get(ROOTS), 200, shapes.ROOTS)
    assert len(listed["RootCertificateCollection"]["rootCertificates"]) == 1
    require(reader.get(ROOTS, {"rootType": "v2g"}), 200, shapes.ROOTS)
    require(reader.get(f"{ROOTS}/{row.uuid}"), 200, shapes.ROOT)
    require(reader.get(f"{ROOTS}/unknown"), 404, shapes.ERROR)
    require(Client().get(ROOTS), 401, shapes.ERROR)


def test_vehicles() -> None:
    oem = trust.oem_pki()
    leaf = pki.make_leaf(oem.pki, trust.pcid())
    backend = Caller(parties.organization(wmis=["WVW"]))
    mo = Caller(contracts.mo().organization)
    body = {
        "vehicleCertificate": text(leaf.der),
        "subCA2Certificate": text(oem.pki.sub2.der),
        "subCA1Certificate": text(oem.pki.sub1.der),
        "v2gRootAuthorityKeyIdentifiers": ["36:D2:EE:E1"],
    }
    one = f"{VEHICLES}/{leaf.certificate.common_name}"
    require(backend.put(VEHICLES, body), 200, shapes.VEHICLE)
    require(backend.put(VEHICLES, {}), 400, shapes.ERROR)
    require(mo.put(VEHICLES, body), 403, shapes.ERROR)
    require(mo.get(one), 200, shapes.VEHICLE_MESSAGE)
    require(mo.get(f"{VEHICLES}/{UNKNOWN_PCID}"), 404, shapes.ERROR)
    require(mo.get(f"{VEHICLES}/short"), 400, shapes.ERROR)
    require(mo.get(f"{VEHICLES}/lookupVehicle/{UNKNOWN_PCID}"), 404, shapes.ERROR)
    found = f"{VEHICLES}/lookupVehicle/{leaf.certificate.common_name}"
    require(mo.get(found), 200, shapes.EMPTY)
    require(mo.delete(one), 403, shapes.ERROR)
    require(backend.delete(one), 200, shapes.EMPTY)
    require(backend.delete(one), 404, shapes.ERROR)


@pytest.mark.parametrize("sent", ["", "not a uuid", "x" * 5000])
def test_a_trace_id_is_a_uuid_whatever_the_caller_sends(sent: str) -> None:
    require(Client().get(ROOTS, headers={"X-Request-ID": sent}), 401, shapes.ERROR)
