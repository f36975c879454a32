"""Certificates by signing request in the portal: looked at, ordered once, renewed, refused."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.actor import Right, Role
from apps.participants.models import Organization
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from tests.factories import parties, pki, trust
from tests.pki.enrolment import FOREIGN, NAMES, csr, party_for
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db
PAGE = "/request-certificate/"
ORDER = "/request-certificate/order/"
LIST = "/issued-certificates/"
ONCE = "7f3b1a52-8f0f-4b07-9a3e-1d2c3b4a5f60"


@pytest.fixture(autouse=True)
def _authorities() -> None:
    trust.v2g_ecosystem()


def _open(organization: Organization, right: Right = Right.EDITOR) -> Client:
    client = Client()
    client.force_login(
        parties.member(organization=organization, right=right),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def _person(label: str, right: Right = Right.EDITOR) -> Client:
    return _open(party_for(label).organization, right)


def _pem(name: str | None, **more: Any) -> str:
    return csr(name, form=Encoding.PEM, **more).decode()


def _text(response: Any) -> str:
    text: str = response.content.decode()
    return text


def _order(client: Client, label: str, once: str = ONCE, **more: Any) -> Any:
    fields = {"kind": label, "pasted": _pem(NAMES[label], **more), "once": once}
    return client.post(ORDER, fields)


@pytest.mark.parametrize("label", ["cpo", "mo", "oem"])
def test_a_request_is_shown_before_anything_is_issued(label: str) -> None:
    client = _person(label)
    answer = client.post(PAGE, {"kind": label, "pasted": _pem(NAMES[label])})
    page = _text(answer)
    assert answer.status_code == 200
    assert "Nothing has been issued" in page
    assert NAMES[label] in page
    assert "ECDSA P-256" in page
    assert not IssuedCertificate.objects.filter(common_name=NAMES[label]).exists()


@pytest.mark.parametrize("label", ["cpo", "mo", "oem"])
def test_an_order_leads_to_the_certificate_and_its_files(label: str) -> None:
    client = _person(label)
    answer = _order(client, label)
    issued = IssuedCertificate.objects.get(common_name=NAMES[label])
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{LIST}{issued.pk}/"
    assert f"{NAMES[label]} is issued" in _text(client.get(answer.headers["Location"]))
    file = client.get(f"{LIST}{issued.pk}/download/p7b/")
    assert file.status_code == 200
    assert issued.certificate.public_key == pki.make_key("enrolled").public_key()


def test_a_file_counts_where_one_is_chosen() -> None:
    file = SimpleUploadedFile("station.csr", csr(NAMES["cpo"]))
    answer = _person("cpo").post(PAGE, {"kind": "cpo", "pasted": "nonsense", "file": file})
    assert NAMES["cpo"] in _text(answer)


def test_the_curve_tells_the_generation() -> None:
    trust.v2g_ecosystem(version=IsoVersion.ISO_20)
    client, key = _person("oem"), pki.make_key("enrolled veh", IsoVersion.ISO_20)
    answer = client.post(PAGE, {"kind": "veh", "pasted": _pem(NAMES["veh"], key=key)})
    assert "ISO 15118-20" in _text(answer)
    _order_veh = {"kind": "veh", "pasted": _pem(NAMES["veh"], key=key), "once": ONCE}
    client.post(ORDER, _order_veh)
    issued = IssuedCertificate.objects.get(common_name=NAMES["veh"])
    assert issued.certificate.curve == "secp521r1"


def test_two_presses_issue_one_certificate() -> None:
    client = _person("cpo")
    first, second = _order(client, "cpo"), _order(client, "cpo")
    assert first.headers["Location"] == second.headers["Location"]
    assert IssuedCertificate.objects.filter(common_name=NAMES["cpo"]).count() == 1


def test_another_form_issues_another_certificate() -> None:
    client = _person("cpo")
    _order(client, "cpo")
    _order(client, "cpo", once="00000000-0000-4000-8000-000000000001")
    assert IssuedCertificate.objects.filter(common_name=NAMES["cpo"]).count() == 2


def test_nobody_gets_at_a_certificate_by_the_number_of_anothers_form() -> None:
    _order(_person("cpo"), "cpo")
    other = parties.organization(operator_ids=["DEOTH"])
    fields = {"kind": "cpo", "pasted": _pem("DE*OTH*E45B*78C"), "once": ONCE}
    answer = _open(other).post(ORDER, fields)
    assert answer.status_code == 422
    assert "ordered already" in _text(answer)
    assert not IssuedCertificate.objects.filter(owner=other).exists()


def test_a_signer_waits_for_the_operator() -> None:
    client = _person("cps")
    page = _text(client.post(PAGE, {"kind": "cps", "pasted": _pem("Any name")}))
    assert "The operator decides" in page
    answer = _order(client, "cps")
    request = EnrolmentRequest.objects.get()
    assert answer.headers["Location"] == f"/certificate-requests/{request.uuid}/"
    again = _order(client, "cps", once="00000000-0000-4000-8000-000000000001")
    assert again.headers["Location"] == answer.headers["Location"]
    assert EnrolmentRequest.objects.count() == 1
    EnrolmentRequest.objects.update(state=EnrolmentRequest.State.APPROVED)
    assert "Hand in the same signing request again" in _text(client.get(answer.headers["Location"]))
    collected = _order(client, "cps", once="00000000-0000-4000-8000-000000000002")
    issued = IssuedCertificate.objects.get(owner=request.owner)
    assert collected.headers["Location"] == f"{LIST}{issued.pk}/"


def _private_key() -> bytes:
    key = pki.make_key("enrolled")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private_der() -> bytes:
    key = pki.make_key("enrolled")
    return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _broken() -> bytes:
    octets = bytearray(csr(NAMES["cpo"]))
    octets[-3] ^= 1
    return bytes(octets)


def _rsa() -> bytes:
    return csr(NAMES["cpo"], key=rsa.generate_private_key(65537, 2048))


BAD = {
    "private key": (_private_key, "We never need it"),
    "private key in DER": (_private_der, "We never need it"),
    "request beside its key": (
        lambda: csr(NAMES["cpo"], form=Encoding.PEM) + _private_key(),
        "We never need it",
    ),
    "RSA": (_rsa, "no key on a curve of ISO 15118"),
    "other curve": (
        lambda: csr(NAMES["cpo"], key=ec.generate_private_key(ec.SECP384R1())),
        "must be on secp256r1 or secp521r1",
    ),
    "broken signature": (_broken, "not signed with its own key"),
    "foreign identifier": (lambda: csr(FOREIGN["cpo"]), "does not belong to your organisation"),
    "no identifier": (lambda: csr("charger 7"), "expected"),
    "no name": (lambda: csr(None), "exactly one common name"),
    "certificate": (
        lambda: pki.make_leaf(pki.make_pki(Branch.CPO, at=trust.now()), at=trust.now()).der,
        "This is a certificate",
    ),
    "nonsense": (lambda: b"0\x82 what", "cannot be read"),
    "too large": (lambda: b"A" * 20_000, "over 16 KB"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_issued_is_refused_at_its_field(name: str) -> None:
    make, sentence = BAD[name]
    file = SimpleUploadedFile("request", make())
    answer = _person("cpo").post(PAGE, {"kind": "cpo", "file": file})
    assert answer.status_code == 422
    assert sentence in _text(answer)
    assert 'id="id_file_error"' in _text(answer)
    assert "PRIVATE KEY" not in _text(answer)


def test_an_empty_form_says_what_to_do() -> None:
    answer = _person("cpo").post(PAGE, {"kind": "cpo", "pasted": " "})
    assert answer.status_code == 422
    assert "Paste the request or choose a file" in _text(answer)


def test_what_was_pasted_stays_after_a_refusal_and_on_the_way_back() -> None:
    client, pasted = _person("cpo"), _pem(FOREIGN["cpo"])
    line = pasted.splitlines()[1]
    assert line in _text(client.post(PAGE, {"kind": "cpo", "pasted": pasted}))
    back = client.post(PAGE, {"kind": "cpo", "pasted": "SGVsbG8=", "back": "1"})
    assert back.status_code == 200
    assert "SGVsbG8=" in _text(back)


def test_what_another_role_may_ask_for_is_no_choice_here() -> None:
    answer = _person("cpo").post(PAGE, {"kind": "oem", "pasted": _pem(NAMES["oem"])})
    assert answer.status_code == 422
    assert not IssuedCertificate.objects.filter(common_name=NAMES["oem"]).exists()


def test_a_viewer_the_operator_and_strangers_do_not_get_in() -> None:
    viewer, operator = _person("cpo", Right.VIEWER), _open(trust.operator(), Right.ADMIN)
    for client in (viewer, operator):
        assert client.get(PAGE).status_code == 403
        assert _order(client, "cpo").status_code == 403
        assert PAGE not in _text(client.get(LIST))
    assert Client().get(PAGE).status_code == 302
    assert PAGE in _text(_person("mo").get(LIST))


def test_an_order_is_no_address_to_read() -> None:
    assert _person("cpo").get(ORDER).status_code == 405


def _issued(client: Client) -> IssuedCertificate:
    _order(client, "cpo")
    return IssuedCertificate.objects.get(common_name=NAMES["cpo"])


def test_a_renewal_leads_to_the_new_certificate_and_keeps_the_old_one() -> None:
    client = _person("cpo")
    old = _issued(client)
    address = f"{LIST}{old.pk}/re-enrol/"
    assert address in _text(client.get(f"{LIST}{old.pk}/"))
    key = pki.make_key("renewed")
    fields = {"pasted": _pem(NAMES["cpo"], key=key), "once": ONCE.replace("7", "8")}
    answers = [client.post(address, fields) for _ in range(2)]
    new = IssuedCertificate.objects.filter(common_name=NAMES["cpo"]).exclude(pk=old.pk).get()
    assert [one.headers["Location"] for one in answers] == [f"{LIST}{new.pk}/"] * 2
    assert new.certificate.public_key == key.public_key()
    old.refresh_from_db()
    assert old.state == IssuedCertificate.State.ISSUED


@pytest.mark.parametrize("name", ["DE*ICE*E99*1", FOREIGN["cpo"]])
def test_a_renewal_for_another_name_is_refused_at_its_field(name: str) -> None:
    client = _person("cpo")
    old = _issued(client)
    fields = {"pasted": _pem(name), "once": ONCE.replace("7", "8")}
    answer = client.post(f"{LIST}{old.pk}/re-enrol/", fields)
    assert 'id="id_pasted_error"' in _text(answer)
    assert IssuedCertificate.objects.filter(profile=old.profile).count() == 1


def test_a_renewal_is_for_the_owner_alone() -> None:
    old = _issued(_person("cpo"))
    other = _open(parties.organization(operator_ids=["DEOTH"]))
    assert other.get(f"{LIST}{old.pk}/re-enrol/").status_code == 404
    assert _open(trust.operator(), Right.ADMIN).get(f"{LIST}{old.pk}/re-enrol/").status_code == 403


def test_a_role_without_rows_of_its_own_asks_for_nothing() -> None:
    both = parties.organization(roles=[Role.CPO, Role.MO], operator_ids=["DEICE"])
    page = _text(_open(both).get(PAGE))
    assert "Charge point (SECC)" in page
    assert "Contract" in page
