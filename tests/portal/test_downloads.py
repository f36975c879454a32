"""The certificate of a page as a file: every form, and nobody else's."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from apps.contract_pool.models import ContractData
from apps.pki.models import Authority, IssuedCertificate
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.models import RootCertificate
from tests.portal.conftest import Browser
from tests.portal.test_isolation import UNKNOWN, address, admin_of, page_of
from tests.portal.world import World

OWN = (ProvisioningCertificate, ContractData, IssuedCertificate)


def _row(ecosystem: World, model: Any) -> tuple[Any, Any]:
    """A party that may see a row of the model, and the row."""
    for party in ecosystem.parties:
        if model in party.rows:
            return party, party.rows[model]
    return ecosystem.operator, ecosystem.shared[model]


@pytest.mark.parametrize("model", [ProvisioningCertificate, Authority, RootCertificate])
def test_every_form_holds_the_certificate(ecosystem: World, browser: Browser, model: type) -> None:
    party, row = _row(ecosystem, model)
    client = browser(party)
    leaf = x509.load_der_x509_certificate(bytes(row.der))

    def taken(form: str) -> bytes:
        answer = client.get(f"{address(row)}download/{form}/")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        return bytes(answer.content)

    assert x509.load_der_x509_certificate(taken("der")) == leaf
    assert x509.load_pem_x509_certificates(taken("pem")) == [leaf]
    assert leaf in pkcs7.load_der_pkcs7_certificates(taken("p7b"))


def test_the_chain_of_a_vehicle_ends_with_its_root(ecosystem: World, browser: Browser) -> None:
    party, vehicle = _row(ecosystem, ProvisioningCertificate)
    text = browser(party).get(f"{address(vehicle)}download/chain/").content
    chain = x509.load_pem_x509_certificates(text)
    assert chain[0].public_bytes(Encoding.DER) == bytes(vehicle.der)
    assert chain[-1].public_bytes(Encoding.DER) == bytes(vehicle.root.der)


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_files_of_foreign_and_unknown_rows_are_not_found(
    ecosystem: World, browser: Browser, model: type
) -> None:
    owner, row = _row(ecosystem, model)
    unknown = page_of(model, UNKNOWN[admin_of(model).url_field])
    for party in ecosystem.parties:
        if party is not owner and party is not ecosystem.operator:
            client = browser(party)
            foreign = client.get(f"{address(row)}download/pem/")
            assert foreign.status_code in {403, 404}
            assert client.get(f"{unknown}download/pem/").status_code == foreign.status_code


def test_an_unknown_form_and_a_page_without_a_certificate_have_no_file(
    ecosystem: World, browser: Browser
) -> None:
    party, vehicle = _row(ecosystem, ProvisioningCertificate)
    client = browser(party)
    assert client.get(f"{address(vehicle)}download/p12/").status_code == 404
    assert client.get(f"{address(party.organization)}download/pem/").status_code == 404
    assert client.post(f"{address(vehicle)}download/pem/").status_code == 403


def test_a_root_that_waits_is_no_file(ecosystem: World, browser: Browser) -> None:
    _, root = _row(ecosystem, RootCertificate)
    RootCertificate.objects.filter(pk=root.pk).update(state=RootCertificate.State.SUBMITTED)
    client = browser(ecosystem.operator)
    assert client.get(f"{address(root)}download/pem/").status_code == 404
