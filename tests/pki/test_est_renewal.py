"""simplereenroll: by the bearer alone, and with the certificate that a proxy saw."""

import base64
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.test import RequestFactory
from pytest_django import Settings

from apps.core.addresses import came_from
from apps.pki.models import IssuedCertificate, RevocationReason
from tests.factories import pki, trust
from tests.pki.enrolment import NAMES, Party, certificates_in, csr, party_for, refusal
from tests.pki.published import pem, revoke
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

URL = "/est/oem/simplereenroll"
NAME = NAMES["oem"]


@pytest.fixture
def caller() -> Party:
    trust.v2g_ecosystem()
    return party_for("oem")


@pytest.fixture
def _behind_a_proxy(settings: Settings) -> None:
    settings.CLIENT_CERTIFICATE_PROXIES = ["127.0.0.0/8"]


def _enrol(caller: Party, name: str = NAME) -> Certificate:
    return certificates_in(caller.post("/est/oem/simpleenroll", csr(name)))[0]


def _row(certificate: Certificate) -> IssuedCertificate:
    return IssuedCertificate.objects.get(fingerprint=certificate.fingerprint)


def _shown(certificate: Certificate) -> str:
    return base64.b64encode(certificate.der).decode()


def test_the_bearer_renews_what_it_has(caller: Party) -> None:
    first = _enrol(caller)
    key = pki.make_key("new key")
    (second,) = certificates_in(caller.post(URL, csr(NAME, key=key)))
    assert second.common_name == first.common_name
    assert second.public_key == key.public_key()
    assert second.serial != first.serial


def test_there_must_be_something_to_renew(caller: Party) -> None:
    assert "Use simpleenroll" in refusal(caller.post(URL, csr(NAME)), 400)
    first = _enrol(caller)
    assert "Use simpleenroll" in refusal(caller.post(URL, csr("WVWTESTPCID000002")), 400)
    revoke(_row(first), RevocationReason.SUPERSEDED)
    assert "Use simpleenroll" in refusal(caller.post(URL, csr(NAME)), 400)


def test_what_has_ended_is_not_renewed(caller: Party) -> None:
    first = _enrol(caller)
    with time_machine.travel(first.not_after + timedelta(seconds=1), tick=False):
        assert "Use simpleenroll" in refusal(caller.post(URL, csr(NAME)), 400)


@pytest.mark.usefixtures("_behind_a_proxy")
def test_the_certificate_of_the_connection_counts_in_every_form(caller: Party) -> None:
    first = _enrol(caller)
    plain = _shown(first)
    for shown in (plain, f":{plain}:", quote(pem(first).decode())):
        assert certificates_in(caller.post(URL, csr(NAME), Client_Cert=shown))


@pytest.mark.usefixtures("_behind_a_proxy")
def test_a_certificate_that_is_not_the_one_to_renew_is_403(caller: Party) -> None:
    first = _enrol(caller)
    other_name = _enrol(caller, "WVWTESTPCID000002")
    stranger = pki.make_leaf(pki.make_pki(Branch.OEM, at=trust.now()), NAME).certificate
    gone = _enrol(caller)
    revoke(_row(gone), RevocationReason.SUPERSEDED)
    cases = {
        "not issued here": stranger,
        "was revoked": gone,
        "not the one": other_name,
    }
    for text, shown in cases.items():
        answer = caller.post(URL, csr(NAME), Client_Cert=_shown(shown))
        assert text in refusal(answer, 403)
    with time_machine.travel(first.not_after + timedelta(seconds=1), tick=False):
        answer = caller.post(URL, csr(NAME), Client_Cert=_shown(first))
        assert "not valid now" in refusal(answer, 403)


@pytest.mark.usefixtures("_behind_a_proxy")
def test_a_certificate_of_another_owner_is_403(caller: Party) -> None:
    first = _enrol(caller)
    IssuedCertificate.objects.filter(pk=_row(first).pk).update(owner=party_for("cpo").organization)
    answer = caller.post(URL, csr(NAME), Client_Cert=_shown(first))
    assert "somebody else" in refusal(answer, 403)


@pytest.mark.usefixtures("_behind_a_proxy")
@pytest.mark.parametrize("shown", ["rubbish", "MAA=", "x" * 9000, "A,B", "%FF"])
def test_a_header_that_holds_no_certificate_is_400(caller: Party, shown: str) -> None:
    _enrol(caller)
    answer = caller.post(URL, csr(NAME), Client_Cert=shown)
    assert "client certificate cannot be read" in refusal(answer, 400)


@pytest.mark.parametrize(
    ("peer", "near"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.1.2.3", False),
        ("fe80::1", True),
        ("fe80::2", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_a_proxy_is_known_by_the_address_that_connects(peer: str, near: bool) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": "10.1.2.3"})
    assert came_from(request, ["10.0.0.0/8", "fe80::1/128"]) is near


@pytest.mark.parametrize("proxies", [[], ["10.0.0.0/8"], ["::1/128"]])
def test_the_header_of_anybody_else_is_not_looked_at(
    caller: Party, settings: Settings, proxies: list[str]
) -> None:
    settings.CLIENT_CERTIFICATE_PROXIES = proxies
    stranger = pki.make_leaf(pki.make_pki(Branch.OEM, at=trust.now()), NAME).certificate
    answer = caller.post(URL, csr(NAME), Client_Cert=_shown(stranger))
    assert "Use simpleenroll" in refusal(answer, 400)
    _enrol(caller)
    assert certificates_in(caller.post(URL, csr(NAME), Client_Cert=_shown(stranger)))
