"""Vehicles whose status a CRL tells that OpenSSL signed and a server on loopback hands out."""

from datetime import timedelta
from pathlib import Path

import pytest

from apps.pki.models import ForeignCrl
from tests.factories import pki, trust
from tests.factories.status_services import StatusServer
from tests.pki.foreign import vehicles
from tests.pki.foreign.openssl import REVOKED, Known, make_crl
from tests.pki.foreign.vehicles import UNKNOWN, Maker, record_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker() -> Maker:
    return vehicles.make()


@pytest.fixture
def serial() -> int:
    return pki.make_serial()


def learnt(maker: Maker) -> ForeignCrl | None:
    """What is stored about the CA whose list is served here."""
    issuer = maker.made.sub2.certificate.fingerprint
    return ForeignCrl.objects.filter(issuer_fingerprint=issuer).first()


def test_who_is_not_on_the_list_is_good(
    maker: Maker, serial: int, tmp_path: Path, status_server: StatusServer
) -> None:
    der = make_crl(tmp_path, Known(maker.made.sub2, {pki.make_serial(): REVOKED}))
    leaf = maker.vehicle(serial, crl_url=status_server.serve("/sub2.crl", der))
    row = maker.publish(leaf)
    crl = learnt(maker)
    assert crl is not None
    assert bytes(crl.number or b"") == b"\x2a"
    assert row.checks["status"][0] == record_of(leaf, maker.made) | {
        "by": "crl",
        "this": crl.this_update.isoformat(),
        "next": crl.next_update.isoformat(),
    }
    assert status_server.asked == ["/sub2.crl"]


def test_who_is_on_the_list_is_refused_and_remembered(
    maker: Maker, serial: int, tmp_path: Path, status_server: StatusServer
) -> None:
    der = make_crl(tmp_path, Known(maker.made.sub2, {serial: REVOKED}))
    leaf = maker.vehicle(serial, crl_url=status_server.serve("/sub2.crl", der))
    assert maker.refusal(leaf) == "The OEM provisioning certificate is revoked."
    crl = learnt(maker)
    assert crl is not None
    entry = crl.revocations.get()
    assert (bytes(entry.serial), entry.reason) == (leaf.certificate.serial_octets, "keyCompromise")


def test_a_list_that_another_ca_of_that_name_signed_is_none(
    maker: Maker, serial: int, tmp_path: Path, status_server: StatusServer
) -> None:
    other = trust.oem_pki(trusted=False, crls_of=()).pki.sub2
    der = make_crl(tmp_path, Known(other, {}))
    leaf = maker.vehicle(serial, crl_url=status_server.serve("/sub2.crl", der))
    assert UNKNOWN in maker.refusal(leaf)
    assert learnt(maker) is None


def test_the_list_of_the_ca_above_is_none(
    maker: Maker, serial: int, tmp_path: Path, status_server: StatusServer
) -> None:
    der = make_crl(tmp_path, Known(maker.made.sub1, {}))
    leaf = maker.vehicle(serial, crl_url=status_server.serve("/sub2.crl", der))
    assert UNKNOWN in maker.refusal(leaf)
    assert learnt(maker) is None


def test_a_list_that_has_ended_is_none(
    maker: Maker, serial: int, tmp_path: Path, status_server: StatusServer
) -> None:
    begins = trust.now() - timedelta(days=8)
    der = make_crl(tmp_path, Known(maker.made.sub2, {}), begins=begins, days=7)
    leaf = maker.vehicle(serial, crl_url=status_server.serve("/sub2.crl", der))
    assert UNKNOWN in maker.refusal(leaf)
    assert learnt(maker) is None


def test_where_the_list_is_gone_the_responder_is_asked(
    maker: Maker, serial: int, status_server: StatusServer
) -> None:
    status_server.serve_ocsp("/ocsp", maker.made.sub2, at=trust.now())
    leaf = maker.vehicle(
        serial, crl_url=status_server.url("/gone.crl"), ocsp_url=status_server.url("/ocsp")
    )
    row = maker.publish(leaf)
    assert row.checks["status"][0]["by"] == "ocsp"
    assert status_server.asked == ["/gone.crl", "/ocsp"]
