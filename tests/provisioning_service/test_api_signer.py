"""GET /cps/signer."""

import base64

import pytest
from django.test import Client

from tests.factories import contracts, parties
from tests.factories.calls import Caller
from v2g.pki.certificate import Certificate
from v2g.protocol import ISO_2_MSGDEF

pytestmark = pytest.mark.django_db
PATH = "/cps/signer"


def test_every_role_reads_the_signers_in_both_spellings() -> None:
    world = contracts.world()
    root = world.v2g.root.certificate
    sub2, sub1 = world.v2g.chain(contracts.Purpose.CPS)
    for party in (
        world.mo.organization,
        world.vehicle.owner,
        parties.organization(operator_ids=["DEABC"]),
    ):
        response = Caller(party).get(PATH)
        assert response.status_code == 200
        (found,) = response.json()["cpsCertificates"]
        leaf = Certificate.from_der(base64.b64decode(found["cpsCertificate"]))
        assert leaf.fingerprint == bytes(world.signer.fingerprint)
        assert found["cpsDistinguishedName"] == leaf.subject.text
        assert found["cpsRootCertificateId"] == str(world.v2g.root_row.uuid)
        assert found["cpsV2GRootCertificateFingerprint"] == root.fingerprint.hex()
        assert found["cpsRootDistinguishedName"] == root.subject.text
        assert found["validTo"] == f"{leaf.not_after:%Y-%m-%dT%H:%M:%SZ}"
        assert found["xsdMsgDefNamespace"] == ISO_2_MSGDEF
        for names, certificate in (
            (("cpsSubCa2Certificate", "cpsCa2Certificate"), sub2),
            (("cpsSubCa1Certificate", "cpsCa1Certificate"), sub1),
        ):
            texts = {found[name] for name in names}
            assert texts == {base64.b64encode(certificate.der).decode()}


def test_without_signers_the_list_is_empty() -> None:
    response = Caller(contracts.mo().organization).get(PATH)
    assert (response.status_code, response.json()) == (200, {"cpsCertificates": []})


def test_without_a_token_it_is_401(client: Client) -> None:
    assert client.get(PATH).status_code == 401


def test_other_methods_are_not_allowed() -> None:
    assert Caller(contracts.mo().organization).post(PATH, {}).status_code == 405
