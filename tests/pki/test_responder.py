"""What anybody reads about our certificates: OCSP and CRL, checked as a stranger checks them."""

import base64
from datetime import timedelta

import pytest
from django.test import Client

from apps.core.actor import system
from apps.pki import services
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from tests.factories import pki, trust
from tests.factories.trust import Purpose
from v2g.errors import StatusError
from v2g.pki import ocsp, responder
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CPS_LEAF, Branch
from v2g.pki.responder import Refusal
from v2g.pki.status import Status, StatusAnswer

pytestmark = pytest.mark.django_db

ACTOR = system("tests")


@pytest.fixture
def authority() -> Authority:
    return trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]


@pytest.fixture
def issued(authority: Authority) -> IssuedCertificate:
    begins = trust.now()
    return services.issue(
        actor=ACTOR,
        authority=authority,
        profile=CPS_LEAF,
        common_name="CPS 1",
        public_key=pki.make_key("cps").public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=90),
        owner=None,
    )


def _ask(client: Client, leaf: Certificate, issuer: Certificate) -> StatusAnswer:
    asked = ocsp.build_request(leaf, issuer, nonce=b"n" * 16)
    answer = client.post(
        leaf.extensions.ocsp_urls[0], asked, content_type="application/ocsp-request"
    )
    assert answer["Content-Type"] == "application/ocsp-response"
    return ocsp.read_response(
        answer.content, certificate=leaf, issuer=issuer, at=trust.now(), nonce=b"n" * 16
    )


def _revoke(row: IssuedCertificate) -> None:
    services.revoke(actor=ACTOR, certificates=[row], reason=RevocationReason.KEY_COMPROMISE)


def test_the_address_in_a_certificate_tells_that_it_is_good_and_then_revoked(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    issuer = authority.certificate
    assert _ask(client, issued.certificate, issuer).status is Status.GOOD
    _revoke(issued)
    found = _ask(client, issued.certificate, issuer)
    assert (found.status, found.reason) == (Status.REVOKED, "keyCompromise")


def test_a_sub_ca_is_answered_for_by_its_parent(client: Client, authority: Authority) -> None:
    assert authority.parent is not None
    above = authority.parent.certificate
    assert _ask(client, authority.certificate, above).status is Status.GOOD


def test_a_serial_that_was_never_given_or_not_yet_signed_is_unknown(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    IssuedCertificate.objects.filter(pk=issued.pk).update(
        state=IssuedCertificate.State.INTENDED, der=None, fingerprint=None
    )
    assert _ask(client, issued.certificate, authority.certificate).status is Status.UNKNOWN
    IssuedCertificate.objects.filter(pk=issued.pk).delete()
    assert _ask(client, issued.certificate, authority.certificate).status is Status.UNKNOWN


def test_an_abandoned_certificate_is_never_good(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    IssuedCertificate.objects.filter(pk=issued.pk).update(state="abandoned")
    assert _ask(client, issued.certificate, authority.certificate).status is Status.REVOKED


def test_a_foreign_issuer_is_refused(client: Client, issued: IssuedCertificate) -> None:
    other = pki.make_pki(Branch.OEM, at=trust.now())
    leaf = other.sub2.certificate
    asked = ocsp.build_request(leaf, other.sub1.certificate)
    answer = client.post("/pki/ocsp", asked, content_type="application/ocsp-request")
    with pytest.raises(StatusError, match="unauthorized"):
        ocsp.read_response(
            answer.content, certificate=leaf, issuer=other.sub1.certificate, at=trust.now()
        )


@pytest.mark.parametrize("asked", [b"", b"rubbish", b"0" * 10_000])
def test_rubbish_is_a_malformed_request(client: Client, authority: Authority, asked: bytes) -> None:
    answer = client.post("/pki/ocsp", asked, content_type="application/ocsp-request")
    with pytest.raises(StatusError, match="malformed request"):
        ocsp.read_response(
            answer.content,
            certificate=authority.certificate,
            issuer=authority.certificate,
            at=trust.now(),
        )


def test_rubbish_in_the_path_is_a_malformed_request(client: Client, authority: Authority) -> None:
    assert client.get("/pki/ocsp/%21").content == responder.build_refusal(Refusal.MALFORMED)


def test_ocsp_by_get_carries_the_request_in_the_path(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    asked = ocsp.build_request(issued.certificate, authority.certificate)
    encoded = base64.b64encode(asked).decode().replace("/", "%2F").replace("+", "%2B")
    answer = client.get(f"/pki/ocsp/{encoded}")
    found = ocsp.read_response(
        answer.content,
        certificate=issued.certificate,
        issuer=authority.certificate,
        at=trust.now(),
    )
    assert found.status is Status.GOOD


def test_an_unknown_authority_has_no_crl(client: Client) -> None:
    answer = client.get("/pki/crl/00000000-0000-4000-8000-000000000000.crl")
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["%ff", "%C3%A9", "QUJD"])
def test_a_path_that_is_no_request_is_answered_as_malformed(client: Client, path: str) -> None:
    answer = client.get(f"/pki/ocsp/{path}")
    assert answer.status_code == 200
    assert answer.content == responder.build_refusal(Refusal.MALFORMED)
