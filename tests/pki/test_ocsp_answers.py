"""Stored and fresh OCSP answers, and the keys that sign them."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp
from django.test import Client

from apps.core import queue
from apps.pki import services, tasks
from apps.pki.models import (
    Authority,
    IssuedCertificate,
    PublishedAnswer,
    Responder,
    RevocationReason,
)
from apps.pki.services import ocsp_answers
from tests.factories import pki
from tests.pki.published import ACTOR, at, issue, make_authority, revoke, revoke_in_vain
from v2g.pki import ocsp, responder
from v2g.pki.certificate import Certificate
from v2g.pki.ocsp import CertId
from v2g.pki.profiles import Branch
from v2g.pki.responder import Refusal
from v2g.pki.status import Status, StatusAnswer

pytestmark = pytest.mark.django_db

MALFORMED = responder.build_refusal(Refusal.MALFORMED)


@pytest.fixture
def authority() -> Authority:
    return make_authority()


@pytest.fixture
def issued(authority: Authority) -> IssuedCertificate:
    return issue(authority)


def _request(leaf: Certificate, issuer: Authority, nonce: bytes | None = None) -> bytes:
    return ocsp.build_request(leaf, issuer.certificate, nonce=nonce)


def _ask(leaf: IssuedCertificate, issuer: Authority, nonce: bytes | None = None) -> bytes:
    request = _request(leaf.certificate, issuer, nonce)
    return services.answer_ocsp(request=request, at=at()).der


def _status(der: bytes, leaf: IssuedCertificate, issuer: Authority) -> StatusAnswer:
    return ocsp.read_response(der, certificate=leaf.certificate, issuer=issuer.certificate, at=at())


def _delegate(authority: Authority) -> Responder:
    made = services.roll_responder(actor=ACTOR, authority=authority)
    assert made is not None
    return made


def _signers(der: bytes) -> list[x509.Certificate]:
    return x509_ocsp.load_der_ocsp_response(der).certificates


def test_a_question_without_a_nonce_gets_the_stored_answer(
    authority: Authority, issued: IssuedCertificate
) -> None:
    first, again = _ask(issued, authority), _ask(issued, authority)
    assert first == again
    assert _status(first, issued, authority).status is Status.GOOD
    assert PublishedAnswer.objects.count() == 1


def test_a_question_with_a_nonce_is_signed_fresh_and_not_kept(
    authority: Authority, issued: IssuedCertificate
) -> None:
    first, again = _ask(issued, authority, b"a" * 16), _ask(issued, authority, b"b" * 16)
    assert first != again
    for der, nonce in [(first, b"a" * 16), (again, b"b" * 16)]:
        sent = x509_ocsp.load_der_ocsp_response(der).extensions[0].value
        assert isinstance(sent, x509.OCSPNonce)
        assert sent.nonce == nonce
    assert not PublishedAnswer.objects.exists()


def test_the_stored_answer_goes_with_the_revocation(
    authority: Authority, issued: IssuedCertificate
) -> None:
    other = issue(authority)
    kept = _ask(other, authority)
    _ask(issued, authority)
    revoke(issued)
    found = _status(_ask(issued, authority), issued, authority)
    assert (found.status, found.reason) == (Status.REVOKED, "keyCompromise")
    assert _ask(other, authority) == kept


def test_a_rolled_back_revocation_leaves_the_answer(
    authority: Authority, issued: IssuedCertificate
) -> None:
    before = _ask(issued, authority)
    revoke_in_vain(issued)
    assert _ask(issued, authority) == before


def test_an_answer_that_a_revocation_overtakes_is_not_kept(
    authority: Authority, issued: IssuedCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = responder.build_response

    def slow(*given: Any, **more: Any) -> bytes:
        der = build(*given, **more)
        revoke(issued)
        return der

    with monkeypatch.context() as patch:
        patch.setattr(responder, "build_response", slow)
        _ask(issued, authority)
    assert _status(_ask(issued, authority), issued, authority).status is Status.REVOKED


def test_a_stored_answer_is_replaced_before_it_ends(
    authority: Authority, issued: IssuedCertificate
) -> None:
    first = _ask(issued, authority)
    ends = _status(first, issued, authority).next_update
    assert isinstance(ends, datetime)
    with time_machine.travel(ends - ocsp_answers.RENEWED_BEFORE_END, tick=False):
        again = _ask(issued, authority)
        assert again != first
        assert _status(again, issued, authority).next_update == at() + ocsp_answers.GOOD_FOR
    assert PublishedAnswer.objects.count() == 1


def test_answers_that_have_ended_are_deleted(
    authority: Authority, issued: IssuedCertificate
) -> None:
    _ask(issued, authority)
    tasks.forget_old_answers()
    assert PublishedAnswer.objects.exists()
    with time_machine.travel(at() + ocsp_answers.GOOD_FOR, tick=False):
        tasks.forget_old_answers()
    assert not PublishedAnswer.objects.exists()


def test_an_unknown_serial_is_unknown_and_not_kept(authority: Authority) -> None:
    stranger = pki.make_leaf(pki.make_pki(Branch.CPS, at=at())).certificate
    request = _request(stranger, authority)
    der = services.answer_ocsp(request=request, at=at()).der
    found = ocsp.read_response(der, certificate=stranger, issuer=authority.certificate, at=at())
    assert found.status is Status.UNKNOWN
    assert not PublishedAnswer.objects.exists()


def test_a_delegate_answers_for_its_authority(
    authority: Authority, issued: IssuedCertificate
) -> None:
    assert _signers(_ask(issued, authority, b"n")) == []
    made = _delegate(authority)
    der = _ask(issued, authority, b"n")
    assert _status(der, issued, authority).status is Status.GOOD
    signer = _signers(der)[0]
    assert signer.serial_number == made.certificate.certificate.serial
    assert signer.extensions.get_extension_for_class(x509.OCSPNoCheck)
    assert services.roll_responder(actor=ACTOR, authority=authority) is None


def test_a_delegate_is_replaced_ten_days_before_its_end_and_answers_within_its_life(
    authority: Authority, issued: IssuedCertificate
) -> None:
    first = _delegate(authority)
    ends = first.certificate.not_after
    with time_machine.travel(ends - timedelta(days=9), tick=False):
        second = _delegate(authority)
        assert _signers(_ask(issued, authority))[0].serial_number == (
            second.certificate.certificate.serial
        )
    second.delete()
    with time_machine.travel(ends - timedelta(hours=1), tick=False):
        assert _signers(_ask(issued, authority, b"n")) == []


def test_a_revoked_delegate_signs_no_more_and_its_answers_go(
    authority: Authority, issued: IssuedCertificate
) -> None:
    made = _delegate(authority)
    _ask(issued, authority)
    assert PublishedAnswer.objects.get().responder == made
    revoke(made.certificate)
    assert not PublishedAnswer.objects.exists()
    assert _signers(_ask(issued, authority)) == []
    assert _delegate(authority) != made


def test_an_authority_that_was_revoked_still_answers(
    authority: Authority, issued: IssuedCertificate
) -> None:
    row = IssuedCertificate.objects.get(fingerprint=authority.fingerprint)
    revoke(row, RevocationReason.CA_COMPROMISE)
    authority.refresh_from_db()
    assert services.roll_responder(actor=ACTOR, authority=authority) is None
    revoke(issued)
    assert _status(_ask(issued, authority), issued, authority).status is Status.REVOKED


def test_the_sweep_gives_every_authority_a_delegate(
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "_send", lambda task, arguments: sent.append((task, *arguments)))

    def due() -> set[tuple[Any, ...]]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.roll_due_responders()
        return set(sent)

    everyone = {("pki.roll_responder", pk) for pk in Authority.objects.values_list("pk", flat=True)}
    assert due() == everyone
    tasks.roll_responder(authority.pk)
    assert due() == everyone - {("pki.roll_responder", authority.pk)}
    Authority.objects.exclude(pk=authority.pk).update(active=False)
    assert due() == set()


def test_an_authority_made_later_is_known_to_a_running_process(
    authority: Authority, issued: IssuedCertificate
) -> None:
    _ask(issued, authority)
    other = make_authority()
    leaf = issue(other)
    assert _status(_ask(leaf, other), leaf, other).status is Status.GOOD


def test_the_issuer_may_be_named_by_sha256(authority: Authority, issued: IssuedCertificate) -> None:
    leaf = issued.certificate
    assert CertId.of(leaf.serial, authority.certificate, "sha256").is_of(authority.certificate)
    built = (
        x509_ocsp.OCSPRequestBuilder()
        .add_certificate(
            x509.load_der_x509_certificate(leaf.der),
            x509.load_der_x509_certificate(authority.certificate.der),
            hashes.SHA256(),
        )
        .build()
    )
    request = built.public_bytes(Encoding.DER)
    der = services.answer_ocsp(request=request, at=at()).der
    assert _status(der, issued, authority).status is Status.GOOD
    assert _status(_ask(issued, authority), issued, authority).status is Status.GOOD
    assert PublishedAnswer.objects.count() == 2


@pytest.mark.parametrize("first", [0x80, 0xFF])
def test_a_negative_serial_is_malformed(
    authority: Authority, issued: IssuedCertificate, first: int
) -> None:
    octets = bytes(issued.serial)
    request = _request(issued.certificate, authority)
    broken = request.replace(octets, bytes([first]) + octets[1:])
    assert broken != request
    assert services.answer_ocsp(request=broken, at=at()).der == MALFORMED


def test_more_than_one_question_or_too_much_is_malformed(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    request = _request(issued.certificate, authority)
    padded = request + b"\0" * 5000
    for sent in (padded, request[:-1]):
        answer = client.post("/pki/ocsp", sent, content_type="application/ocsp-request")
        assert answer.content == MALFORMED
    # tbsRequest > requestList > the one request, written twice
    inner = request[6:]
    twice = _sequence(_sequence(_sequence(inner + inner)))
    assert _sequence(_sequence(_sequence(inner))) == request
    assert services.answer_ocsp(request=twice, at=at()).der == MALFORMED


def _sequence(content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size])
    return b"\x30" + length + content


def test_caches_may_keep_a_stored_answer_for_five_minutes_and_no_other(
    client: Client, authority: Authority, issued: IssuedCertificate
) -> None:
    def by_get(nonce: bytes | None) -> str:
        encoded = base64.b64encode(_request(issued.certificate, authority, nonce)).decode()
        return str(client.get(f"/pki/ocsp/{encoded}")["Cache-Control"])

    assert by_get(None) == "public, max-age=300, no-transform, must-revalidate"
    assert by_get(b"n" * 16) == "no-store"
    assert client.get("/pki/ocsp/AAAA")["Cache-Control"] == "no-store"
    request = _request(issued.certificate, authority)
    posted = client.post("/pki/ocsp", request, content_type="application/ocsp-request")
    assert posted["Cache-Control"] == "no-store"
