"""Status of foreign certificates by real CRLs and OCSP answers over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from apps.core.errors import Invalid
from apps.pki import status
from apps.pki.models import (
    ForeignCrl,
    ForeignRevocation,
    OcspAnswer,
)
from apps.pki.status import Source, StatusPolicy
from tests.factories import pki, trust
from tests.factories.status_services import StatusServer
from tests.pki.asking import CRL_FIRST, OCSP_FIRST, ask, path, read, refusal
from v2g.pki.status import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> pki.Pki:
    """A foreign PKI whose upper CAs have fresh CRLs; only the leaf's status is to be learnt."""
    return trust.oem_pki(crls_of=("root", "sub1")).pki


def test_a_good_crl_is_fetched_once_and_serves_all_certificates_of_its_issuer(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    first = ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    assert [one.source for one in first] == [Source.CRL] * 3
    assert status_server.asked == ["/sub2.crl"]
    assert ForeignCrl.objects.filter(issuer_fingerprint=oem.sub2.certificate.fingerprint).exists()


def test_a_certificate_on_the_crl_is_refused_now_and_on_reads(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem, crl_url=status_server.url("/sub2.crl"))
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, revoked=[leaf.certificate]))
    chain = path(oem, leaf)
    assert refusal(chain) == "revoked"
    with pytest.raises(Invalid, match="revoked"):
        read(chain)
    assert ForeignRevocation.objects.get().reason == "keyCompromise"


def test_ocsp_answers_where_no_crl_is_published(oem: pki.Pki, status_server: StatusServer) -> None:
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=trust.now())
    chain = path(oem, trust.leaf_with(oem, ocsp_url=url))
    assert [one.source for one in ask(chain)] == [Source.OCSP, Source.CRL, Source.CRL]
    ask(chain)
    assert status_server.asked == ["/ocsp"]


def test_a_certificate_that_ocsp_calls_revoked_is_refused(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem, ocsp_url=status_server.url("/ocsp"))
    status_server.serve_ocsp("/ocsp", oem.sub2, revoked=(leaf.certificate,), at=trust.now())
    assert refusal(path(oem, leaf)) == "revoked"
    assert OcspAnswer.objects.get().status == "revoked"
    with pytest.raises(Invalid, match="revoked"):
        read(path(oem, leaf))


def test_a_revoked_sub_ca_is_refused(status_server: StatusServer) -> None:
    made = trust.oem_pki(crls_of=()).pki
    trust.keep_crl(made.root)
    trust.keep_crl(made.sub1, revoked=[made.sub2.certificate])
    url = status_server.serve("/sub2.crl", trust.crl_of(made.sub2))
    with pytest.raises(Invalid, match="OEM Sub2 is revoked"):
        ask(path(made, trust.leaf_with(made, crl_url=url)))


@pytest.mark.parametrize(("policy", "asked"), [(CRL_FIRST, ["/sub2.crl"]), (OCSP_FIRST, ["/ocsp"])])
def test_the_order_of_crl_and_ocsp_is_the_roots(
    oem: pki.Pki, status_server: StatusServer, policy: StatusPolicy, asked: list[str]
) -> None:
    crl = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    ocsp = status_server.serve_ocsp("/ocsp", oem.sub2, at=trust.now())
    ask(path(oem, trust.leaf_with(oem, crl_url=crl, ocsp_url=ocsp)), policy)
    assert status_server.asked == asked


def test_ocsp_helps_where_the_crl_cannot_be_had(oem: pki.Pki, status_server: StatusServer) -> None:
    crl = status_server.serve("/sub2.crl", b"", status=503)
    ocsp = status_server.serve_ocsp("/ocsp", oem.sub2, at=trust.now())
    ask(path(oem, trust.leaf_with(oem, crl_url=crl, ocsp_url=ocsp)))
    assert status_server.asked == ["/sub2.crl", "/ocsp"]


@pytest.mark.parametrize(
    "body",
    [b"", b"no CRL", b"x" * 100_000],
    ids=["empty", "text", "long text"],
)
def test_an_answer_that_does_not_verify_is_no_answer(
    oem: pki.Pki, status_server: StatusServer, body: bytes
) -> None:
    chain = path(oem, trust.leaf_with(oem, crl_url=status_server.serve("/sub2.crl", body)))
    assert refusal(chain) == "status_unknown"


def test_a_crl_of_another_key_is_no_answer(oem: pki.Pki, status_server: StatusServer) -> None:
    forged = trust.crl_of(replace(oem.sub2, key=pki.make_key("not the CA")))
    chain = path(oem, trust.leaf_with(oem, crl_url=status_server.serve("/sub2.crl", forged)))
    assert refusal(chain) == "status_unknown"
    assert not ForeignCrl.objects.filter(
        issuer_fingerprint=oem.sub2.certificate.fingerprint
    ).exists()


def test_a_crl_out_of_date_is_no_answer(oem: pki.Pki, status_server: StatusServer) -> None:
    old = trust.crl_of(oem.sub2, at=trust.now() - timedelta(days=8))
    chain = path(oem, trust.leaf_with(oem, crl_url=status_server.serve("/sub2.crl", old)))
    assert refusal(chain) == "status_unknown"


def test_a_responder_that_does_not_know_the_certificate_is_no_answer(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    url = status_server.serve_ocsp("/ocsp", oem.sub2, status=Status.UNKNOWN, at=trust.now())
    assert refusal(path(oem, trust.leaf_with(oem, ocsp_url=url))) == "status_unknown"


def test_a_service_that_cannot_be_reached_refuses_even_where_status_is_optional(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    chain = path(oem, trust.leaf_with(oem, crl_url=status_server.url("/nothing")))
    assert refusal(chain, StatusPolicy(optional=True)) == "status_unknown"


def test_a_certificate_without_any_service_passes_only_where_status_is_optional(
    oem: pki.Pki,
) -> None:
    chain = path(oem, trust.leaf_with(oem))
    assert refusal(chain) == "status_unknown"
    optional = StatusPolicy(optional=True)
    assert ask(chain, optional)[0].source is Source.NONE
    assert read(chain, optional)[0].source is Source.NONE


def test_addresses_that_are_not_public_are_never_called(
    oem: pki.Pki, status_server: StatusServer, settings: Any
) -> None:
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    settings.HTTP_SANDBOX_TARGETS = ()
    assert refusal(path(oem, trust.leaf_with(oem, crl_url=url))) == "status_unknown"
    assert status_server.asked == []


def test_at_most_two_addresses_are_tried(oem: pki.Pki, status_server: StatusServer) -> None:
    leaf = trust.leaf_with(oem, crl_url=status_server.url("/1"))
    chain = path(oem, leaf)
    urls = tuple(status_server.url(f"/{number}") for number in range(5))
    extensions = replace(leaf.certificate.extensions, crl_urls=urls)
    many = replace(chain, leaf=replace(leaf.certificate, extensions=extensions))
    assert refusal(many) == "status_unknown"
    assert status_server.asked == ["/0", "/1"]


def test_a_path_is_given_up_after_three_services_failed(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem)
    chain = path(oem, leaf)
    extensions = replace(
        leaf.certificate.extensions,
        crl_urls=tuple(status_server.url(f"/crl{number}") for number in range(2)),
        ocsp_urls=tuple(status_server.url(f"/ocsp{number}") for number in range(2)),
    )
    many = replace(chain, leaf=replace(leaf.certificate, extensions=extensions))
    assert refusal(many) == "status_unknown"
    assert status_server.asked == ["/crl0", "/crl1", "/ocsp0"]


def test_nothing_is_asked_inside_a_transaction(oem: pki.Pki) -> None:
    chain = path(oem, trust.leaf_with(oem))
    with pytest.raises(RuntimeError), transaction.atomic():
        ask(chain)


def test_a_record_names_each_certificate_its_issuer_and_who_answered(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    chain = path(oem, trust.leaf_with(oem, crl_url=url))
    at = trust.now()
    record = status.record_of(chain, status.check_now(chain, policy=CRL_FIRST, at=at), at)
    assert record["at"] == at.isoformat()
    assert {"path", "validity"} <= set(record["passed"])
    assert record["status"][0] == {
        "sha256": chain.leaf.fingerprint.hex(),
        "issuer": oem.sub2.certificate.fingerprint.hex(),
        "serial": chain.leaf.serial_octets.hex(),
        "by": "crl",
        "this": record["status"][0]["this"],
        "next": record["status"][0]["next"],
    }
