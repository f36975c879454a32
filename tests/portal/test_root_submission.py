"""The first pair of eyes in the portal: a person of the operator submits a root."""

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.actor import Right
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.portal.conftest import Browser
from tests.portal.world import Party
from v2g.pki.profiles import Branch

SUBMIT = "/roots/submit/"
State = RootCertificate.State


@pytest.fixture
def editor(db: None) -> Party:
    organization = trust.operator()
    return Party(organization, parties.member(organization=organization, right=Right.EDITOR))


@pytest.fixture
def der() -> bytes:
    return pki.make_root(Branch.OEM, at=trust.now()).der


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"Our root:\n-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


def file(octets: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("root.crt", octets)


def test_a_submitted_root_waits_for_another_person(
    editor: Party, browser: Browser, der: bytes
) -> None:
    client = browser(editor)
    assert SUBMIT in client.get("/roots/").content.decode()
    assert client.get(SUBMIT).status_code == 200
    answer = client.post(SUBMIT, {"root_type": "OEM", "pasted": pem(der)}, follow=True)
    found = RootCertificate.objects.get(der=der)
    assert (found.state, found.root_type) == (State.SUBMITTED, "OEM")
    assert found.submitted_by == f"person:{editor.user.pk}"
    assert answer.redirect_chain == [(f"/roots/{found.uuid}/", 302)]
    page = answer.content.decode()
    assert f"{found} was submitted." in page
    assert "Another person of your organisation has to confirm." in page


@pytest.mark.parametrize("form", ["der", "pem", "base64"])
def test_a_file_may_be_der_or_text(editor: Party, browser: Browser, der: bytes, form: str) -> None:
    octets = {"der": der, "pem": pem(der).encode(), "base64": base64.b64encode(der)}[form]
    answer = browser(editor).post(SUBMIT, {"root_type": "OEM", "file": file(octets)})
    assert answer.status_code == 302
    assert RootCertificate.objects.get().der == der


@pytest.mark.parametrize(
    "octets", [b"", b"nonsense", b"\x30\x03abc", b"\xff\xfe", b"\x30" * 8001, b"A" * 8001]
)
def test_what_is_no_certificate_is_refused_at_its_field(
    editor: Party, browser: Browser, octets: bytes
) -> None:
    client = browser(editor)
    answer = client.post(SUBMIT, {"root_type": "MO", "file": file(octets)})
    assert answer.status_code == 422
    assert "This is no certificate in PEM or DER." in answer.content.decode()
    assert '<option value="MO" selected>' in answer.content.decode()
    assert not RootCertificate.objects.exists()


def test_two_certificates_are_not_one_root(editor: Party, browser: Browser, der: bytes) -> None:
    answer = browser(editor).post(SUBMIT, {"root_type": "OEM", "pasted": pem(der) * 2})
    assert answer.status_code == 422
    assert not RootCertificate.objects.exists()


def test_a_root_that_the_rules_refuse_stays_on_the_page_with_the_reason(
    editor: Party, browser: Browser, der: bytes
) -> None:
    client = browser(editor)
    trust.trusted_root(der=der, root_type=RootCertificate.Type.OEM)
    answer = client.post(SUBMIT, {"root_type": "OEM", "file": file(der)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This root certificate is already in the pool." in page
    assert base64.b64encode(der)[:60].decode() in page
    assert RootCertificate.objects.count() == 1


def test_only_editors_of_the_operator_submit(browser: Browser, db: None, der: bytes) -> None:
    organization, oem = trust.operator(), parties.organization(wmis=["WVW"])
    viewer = Party(organization, parties.member(organization=organization, right=Right.VIEWER))
    other = Party(oem, parties.member(organization=oem, right=Right.ADMIN))
    for party in (viewer, other):
        client = browser(party)
        assert SUBMIT not in client.get("/roots/").content.decode()
        assert client.get(SUBMIT).status_code == 403
        answer = client.post(SUBMIT, {"root_type": "OEM", "pasted": pem(der)})
        assert answer.status_code == 403
    assert not RootCertificate.objects.exists()


def test_a_submission_needs_a_log_in_and_its_token(
    editor: Party, client: Client, der: bytes
) -> None:
    typed = {"root_type": "OEM", "pasted": pem(der)}
    assert client.post(SUBMIT, typed).headers["Location"].startswith("/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor.user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(SUBMIT, typed).status_code == 403
    assert not RootCertificate.objects.exists()
