"""The message inspector: what it reads, what it says, who may use it."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.contract_pool import services as ccp
from apps.core.actor import Right, Role
from apps.cpo import inspector
from apps.cpo.inspector import Said, Subject, Verdict
from apps.provisioning_pool import services as pcp
from tests.factories import contracts, parties, trust
from v2g import exi
from v2g.messages import iso2
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db
PAGE = "/inspector/"


def _open(role: Role, right: Right = Right.VIEWER) -> Client:
    organization = parties.organization(roles=[role])
    client = Client()
    client.force_login(
        parties.member(organization=organization, right=right),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def _verdicts(stream: bytes) -> dict[Subject, tuple[Verdict, Said]]:
    findings = inspector.judge(inspector.read(stream), at=timezone.now())
    return {one.subject: (one.verdict, one.said) for one in findings}


def _response(world: contracts.World) -> bytes:
    world.generate()
    actor = parties.bare_actor(roles=[Role.CPO])
    return ccp.install(actor=actor, exi=world.car.request(), version=IsoVersion.ISO_2).exi


def test_a_request_of_a_known_vehicle_holds() -> None:
    assert _verdicts(contracts.world().car.request()) == {
        Subject.SIGNATURE: (Verdict.HOLDS, Said.SIGNED),
        Subject.VEHICLE: (Verdict.HOLDS, Said.CURRENT),
    }


def test_a_response_holds_with_both_its_chains() -> None:
    assert _verdicts(_response(contracts.world())) == {
        Subject.SIGNATURE: (Verdict.HOLDS, Said.SIGNED),
        Subject.SIGNER_CHAIN: (Verdict.HOLDS, Said.REACHES_ROOT),
        Subject.CONTRACT_CHAIN: (Verdict.HOLDS, Said.REACHES_ROOT),
    }


def test_a_response_for_another_contract_fails_at_the_signature() -> None:
    message = exi.decode(_response(contracts.world()))
    assert isinstance(message.body, iso2.CertificateInstallationRes)
    emaid = replace(message.body.emaid, value="DE8AAC00000000")
    changed = replace(message, body=replace(message.body, emaid=emaid))
    found = _verdicts(exi.encode(changed))
    assert found[Subject.SIGNATURE] == (Verdict.FAILS, Said.ERROR)
    assert found[Subject.SIGNER_CHAIN] == (Verdict.HOLDS, Said.REACHES_ROOT)


def test_a_vehicle_that_is_not_in_the_pool_is_not_known() -> None:
    world = contracts.world()
    pcp.withdraw(actor=trust.oem_actor(world.vehicle.owner), pcid=world.vehicle.pcid)
    found = _verdicts(world.car.request())
    assert found[Subject.VEHICLE] == (Verdict.UNKNOWN, Said.NOT_IN_POOL)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda stream: base64.b64encode(stream).decode(),
        lambda stream: stream.hex(),
        lambda stream: "0x" + stream.hex(" ").upper(),
        lambda stream: b"\x01\xfe\x80\x01" + len(stream).to_bytes(4) + stream,
    ],
)
def test_every_spelling_of_a_log_is_read(spelled: Any) -> None:
    stream = contracts.world().car.request()
    assert inspector.octets_of(spelled(stream)) == stream


def test_the_page_says_what_holds() -> None:
    typed = base64.b64encode(contracts.world().car.request()).decode()
    answer = _open(Role.CPO).post(PAGE, {"typed": typed})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "CertificateInstallationReq" in text
    assert "Holds" in text
    assert "Fails" not in text


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_may_hold_octets_or_text(*, as_text: bool) -> None:
    stream = contracts.world().car.request()
    file = SimpleUploadedFile("message.exi", stream.hex().encode() if as_text else stream)
    answer = _open(Role.CPO).post(PAGE, {"typed": "", "file": file})
    assert "CertificateInstallationReq" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Paste a message"),
        ("no message!", "neither hexadecimal digits nor base64"),
        ("80" * 40, "no certificate message of ISO 15118"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(typed: str, said: str) -> None:
    answer = _open(Role.CPO).post(PAGE, {"typed": typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    file = SimpleUploadedFile("message.exi", b"\x80" * (65 * 1024))
    answer = _open(Role.CPO).post(PAGE, {"typed": "", "file": file})
    assert answer.status_code == 422
    assert "at most 64 kB" in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CPO, 200), (Role.OPERATOR, 200), (Role.OEM, 403), (Role.MO, 403)]
)
def test_the_page_is_for_its_roles(role: Role, status: int) -> None:
    assert _open(role).get(PAGE).status_code == status
