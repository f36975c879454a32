"""The made-up parties' CRL and OCSP, read the way a stranger would."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from apps.demo import status
from apps.demo.pki import DemoPki
from v2g.pki.profiles import Branch

SUB2 = "/sandbox/pki/demo-oem/sub2"


@pytest.fixture
def demo_pki(tmp_path: Path, settings: Settings) -> DemoPki:
    settings.VAR_DIR = tmp_path
    settings.ROOT_URLCONF = "apps.demo.urls"
    return DemoPki.make(
        "demo-oem", branch=Branch.OEM, organization="Demo OEM", base_url="http://testserver"
    )


def _ocsp_request(pki: DemoPki, der: bytes) -> bytes:
    leaf = x509.load_der_x509_certificate(der)
    issuer = x509.load_der_x509_certificate(pki.sub2.certificate.der)
    built = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1()).build()
    return built.public_bytes(Encoding.DER)


def test_the_addresses_in_a_certificate_are_answered(client: Client, demo_pki: DemoPki) -> None:
    leaf = demo_pki.leaf("WAUTESTPCID000001")
    extensions = x509.load_der_x509_certificate(leaf.certificate.der).extensions
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    crl = x509.load_der_x509_crl(client.get(points[0].full_name[0].value).content)
    issuer = x509.load_der_x509_certificate(demo_pki.sub2.certificate.der)
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # it is an EC key
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    asked = _ocsp_request(demo_pki, leaf.certificate.der)
    answer = client.post(
        access[0].access_location.value, asked, content_type="application/ocsp-request"
    )
    assert ocsp.load_der_ocsp_response(answer.content).certificate_status.name == "GOOD"


def test_a_revoked_certificate_is_named_in_crl_and_ocsp(client: Client, demo_pki: DemoPki) -> None:
    leaf = demo_pki.leaf("WAUTESTPCID000001").certificate
    demo_pki.revoke(leaf, at=datetime.now(UTC))
    serial = leaf.serial
    crl = x509.load_der_x509_crl(client.get(f"{SUB2}/crl").content)
    assert crl.get_revoked_certificate_by_serial_number(serial)
    encoded = base64.b64encode(_ocsp_request(demo_pki, leaf.der)).decode().replace("/", "%2F")
    answer = ocsp.load_der_ocsp_response(client.get(f"{SUB2}/ocsp/{encoded}").content)
    assert answer.certificate_status.name == "REVOKED"


def test_an_ocsp_request_for_another_ca_is_refused(client: Client, demo_pki: DemoPki) -> None:
    asked = _ocsp_request(demo_pki, demo_pki.leaf("WAUTESTPCID000001").certificate.der)
    answer = client.post(
        "/sandbox/pki/demo-oem/root/ocsp", asked, content_type="application/ocsp-request"
    )
    assert ocsp.load_der_ocsp_response(answer.content).response_status.name == "UNAUTHORIZED"


def test_rubbish_is_a_malformed_request(client: Client, demo_pki: DemoPki) -> None:
    answer = client.post(f"{SUB2}/ocsp", b"x", content_type="application/ocsp-request")
    assert ocsp.load_der_ocsp_response(answer.content).response_status.name == "MALFORMED_REQUEST"


@pytest.mark.parametrize("path", ["/sandbox/pki/other/sub2/crl", "/sandbox/pki/demo-oem/sub3/crl"])
def test_an_unknown_authority_is_not_found(client: Client, demo_pki: DemoPki, path: str) -> None:
    assert client.get(path).status_code == 404


def test_outside_a_sandbox_nothing_is_answered(
    client: Client, demo_pki: DemoPki, settings: Settings
) -> None:
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured):
        client.get(f"{SUB2}/crl")


def test_a_pki_is_read_back_as_it_was_written(demo_pki: DemoPki, tmp_path: Path) -> None:
    read = DemoPki.load("demo-oem")
    assert read.sub2.certificate.der == demo_pki.sub2.certificate.der
    assert read.sub2.key.public_key() == demo_pki.sub2.key.public_key()
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.pem")}
    assert modes == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "demo").rglob("*") if p.is_dir()} == {
        0o700
    }


def test_a_crl_lists_exactly_what_was_revoked(demo_pki: DemoPki) -> None:
    since = datetime(2026, 1, 2, tzinfo=UTC)
    built = status.revocation_list(demo_pki.sub2, {7: since}, at=status.now())
    assert [entry.serial_number for entry in x509.load_der_x509_crl(built)] == [7]
