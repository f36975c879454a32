"""Vehicles whose status the OCSP responder of OpenSSL tells."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from apps.pki.models import OcspAnswer
from tests.factories import pki, trust
from tests.pki.foreign import vehicles
from tests.pki.foreign.openssl import GOOD, REVOKED, Known, Responder, responding
from tests.pki.foreign.vehicles import UNKNOWN, Maker, record_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker() -> Maker:
    return vehicles.make()


@pytest.fixture
def serial() -> int:
    return pki.make_serial()


def named(maker: Maker, serial: int, responder: Responder, settings: Settings) -> pki.Holder:
    """A vehicle that names the responder, which the HTTP client may call."""
    settings.HTTP_SANDBOX_TARGETS = (responder.host,)
    return maker.vehicle(serial, ocsp_url=responder.url)


def refusal_by(maker: Maker, serial: int, known: Known, folder: Path, settings: Settings) -> str:
    with responding(folder, known) as responder:
        return maker.refusal(named(maker, serial, responder, settings))


@pytest.mark.parametrize("delegated", [False, True])
def test_a_good_answer_is_kept_with_the_vehicle(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings, delegated: bool
) -> None:
    signer = maker.responder() if delegated else None
    known = Known(maker.made.sub2, {serial: GOOD}, signer)
    with responding(tmp_path, known) as responder:
        leaf = named(maker, serial, responder, settings)
        row = maker.publish(leaf)
    answer = OcspAnswer.objects.get()
    assert answer.next_update is not None
    assert answer.next_update - answer.this_update == timedelta(hours=1)
    assert (answer.status, answer.url) == ("good", responder.url)
    assert row.checks["status"][0] == record_of(leaf, maker.made) | {
        "by": "ocsp",
        "this": answer.this_update.isoformat(),
        "next": answer.next_update.isoformat(),
    }
    assert [one["by"] for one in row.checks["status"]] == ["ocsp", "crl", "crl"]


def test_a_revoked_vehicle_is_refused_and_remembered(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    known = Known(maker.made.sub2, {serial: REVOKED})
    text = refusal_by(maker, serial, known, tmp_path, settings)
    assert text == "The OEM provisioning certificate is revoked."
    answer = OcspAnswer.objects.get()
    assert (answer.status, answer.reason) == ("revoked", "keyCompromise")
    # The responder is gone now, and nobody needs it to refuse again.
    leaf = maker.vehicle(serial, ocsp_url=answer.url)
    assert maker.refusal(leaf) == text


def test_a_vehicle_that_the_responder_does_not_know_is_refused(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    known = Known(maker.made.sub2, {pki.make_serial(): GOOD})
    assert UNKNOWN in refusal_by(maker, serial, known, tmp_path, settings)
    assert not OcspAnswer.objects.exists()


def test_a_responder_that_stopped_keeps_new_vehicles_out_and_old_ones_in(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    other = pki.make_serial()
    known = Known(maker.made.sub2, {serial: GOOD, other: GOOD})
    with responding(tmp_path, known) as responder:
        row = maker.publish(named(maker, serial, responder, settings))
        responder.stop()
        text = maker.refusal(maker.vehicle(other, ocsp_url=responder.url))
    assert text == (
        f"The OEM provisioning certificate: its revocation status is unknown: {UNKNOWN}."
    )
    assert maker.backend.get(f"{vehicles.PATH}/{row.pcid}").status_code == 200


def test_an_answer_signed_with_the_key_of_another_ca_of_that_name_is_none(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    other = trust.oem_pki(trusted=False, crls_of=()).pki.sub2
    assert other.certificate.subject == maker.made.sub2.certificate.subject
    known = Known(maker.made.sub2, {serial: GOOD}, signer=other)
    assert UNKNOWN in refusal_by(maker, serial, known, tmp_path, settings)
    assert not OcspAnswer.objects.exists()


def test_an_answer_of_who_is_not_meant_to_sign_answers_is_none(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    known = Known(maker.made.sub2, {serial: GOOD}, maker.responder(purpose=False))
    assert UNKNOWN in refusal_by(maker, serial, known, tmp_path, settings)
    assert not OcspAnswer.objects.exists()


def test_an_answer_of_a_delegate_of_another_ca_is_none(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    known = Known(maker.made.sub2, {serial: GOOD}, maker.responder(ca=maker.made.sub1))
    assert UNKNOWN in refusal_by(maker, serial, known, tmp_path, settings)
    assert not OcspAnswer.objects.exists()


def test_an_answer_that_has_ended_is_none(
    maker: Maker, serial: int, tmp_path: Path, settings: Settings
) -> None:
    known = Known(maker.made.sub2, {serial: GOOD})
    with responding(tmp_path, known, minutes=1) as responder:
        leaf = named(maker, serial, responder, settings)
        with time_machine.travel(trust.now() + timedelta(hours=2)):
            assert UNKNOWN in maker.refusal(leaf)
    assert not OcspAnswer.objects.exists()
