"""The operator hands in what an offline root signed, on the root's page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core.actor import Right
from apps.pki.models import PublishedCrl
from tests.portal.actions import page_of, person_of, signed_elsewhere
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db


def test_a_list_is_handed_in_once_and_served(browser: Browser) -> None:
    case = signed_elsewhere()
    client = browser(person_of(case.owner, Right.ADMIN))
    octets = case.fields["file"].read()
    for status in (302, 409):  # the second time its number is not higher any more
        file = SimpleUploadedFile("first.crl", octets)
        answer = client.post(case.address, {"file": file})
        assert answer.status_code == status
    assert "is served already" in answer.content.decode()
    assert bytes(PublishedCrl.objects.get(authority=case.row).der or b"") == octets
    assert client.get(f"/pki/crl/{case.row.uuid}.crl").content == octets


def test_what_is_neither_a_certificate_nor_a_list_is_refused_at_its_field(browser: Browser) -> None:
    case = signed_elsewhere()
    client = browser(person_of(case.owner, Right.ADMIN))
    answer = client.post(case.address, {"file": SimpleUploadedFile("x.crl", b"neither")})
    assert answer.status_code == 422
    assert "The CRL does not count" in answer.content.decode()


def test_an_editor_is_refused(browser: Browser) -> None:
    case = signed_elsewhere()
    client = browser(person_of(case.owner, Right.EDITOR))
    assert client.post(case.address, case.fields).status_code == 403
    assert case.address not in client.get(page_of(case.row)).content.decode()
