"""Stored answers: when they count, and what takes their place."""

from datetime import timedelta
from typing import Any

import pytest

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
from tests.pki.asking import CRL_FIRST, ask, path, read, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> pki.Pki:
    """A foreign PKI whose upper CAs have fresh CRLs; only the leaf's status is to be learnt."""
    return trust.oem_pki(crls_of=("root", "sub1")).pki


def test_a_stale_stored_answer_is_fetched_again(oem: pki.Pki, status_server: StatusServer) -> None:
    trust.keep_crl(oem.sub2)
    leaf = trust.leaf_with(oem, crl_url=status_server.url("/sub2.crl"))
    chain = path(oem, leaf)
    ask(chain)
    assert status_server.asked == []
    later = trust.now() + timedelta(days=8)
    for upper in (oem.root, oem.sub1):
        trust.keep_crl(upper, at=later)
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, revoked=[leaf.certificate], at=later))
    with pytest.raises(Invalid, match="revoked"):
        status.check_now(chain, policy=CRL_FIRST, at=later)
    assert status_server.asked == ["/sub2.crl"]


def test_a_certificate_revoked_since_the_stored_list_is_refused_by_the_next_write(
    oem: pki.Pki, status_server: StatusServer, settings: Any
) -> None:
    leaf = trust.leaf_with(oem, crl_url=status_server.url("/sub2.crl"))
    at = trust.now()
    trust.keep_crl(oem.sub2, at=at - timedelta(seconds=settings.STATUS_REUSE_S))
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, revoked=[leaf.certificate], at=at))
    assert refusal(path(oem, leaf)) == "revoked"
    assert status_server.asked == ["/sub2.crl"]


def test_without_reuse_every_write_asks(
    oem: pki.Pki, status_server: StatusServer, settings: Any
) -> None:
    settings.STATUS_REUSE_S = 0
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    chain = path(oem, trust.leaf_with(oem, crl_url=url))
    ask(chain)
    ask(chain)
    assert status_server.asked == ["/sub2.crl", "/sub2.crl"]


def test_what_has_not_ended_counts_while_the_service_is_gone(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    trust.keep_crl(oem.sub2, at=at - timedelta(days=2))
    chain = path(oem, trust.leaf_with(oem, crl_url=status_server.url("/gone")))
    assert ask(chain)[0].source is Source.CRL
    assert status_server.asked == ["/gone"]
    too_old = StatusPolicy(max_age=timedelta(days=1))
    assert refusal(chain, too_old) == "status_unknown"


def test_a_certificate_that_names_only_ocsp_is_asked_about_there_whatever_the_crl_says(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    trust.keep_crl(oem.sub2)
    leaf = trust.leaf_with(oem, ocsp_url=status_server.url("/ocsp"))
    status_server.serve_ocsp("/ocsp", oem.sub2, revoked=(leaf.certificate,), at=trust.now())
    assert refusal(path(oem, leaf)) == "revoked"
    assert status_server.asked == ["/ocsp"]


def test_a_crl_that_the_certificate_does_not_name_is_no_answer_for_a_responder_that_is_gone(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    trust.keep_crl(oem.sub2)
    chain = path(oem, trust.leaf_with(oem, ocsp_url=status_server.url("/gone")))
    assert refusal(chain) == "status_unknown"


def test_an_older_crl_never_takes_the_place_of_a_newer_one(oem: pki.Pki) -> None:
    leaf = trust.leaf_with(oem, crl_url="http://crl.test/c.crl")
    trust.keep_crl(oem.sub2, revoked=[leaf.certificate])
    trust.keep_crl(oem.sub2, at=trust.now() - timedelta(days=1))
    with pytest.raises(Invalid, match="revoked"):
        read(path(oem, leaf))


def test_an_old_crl_played_again_does_not_hide_a_revocation(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem, crl_url=status_server.url("/sub2.crl"))
    at = trust.now()
    trust.keep_crl(oem.sub2, revoked=[leaf.certificate], at=at)
    ForeignCrl.objects.filter(issuer_fingerprint=oem.sub2.certificate.fingerprint).update(
        fetched_at=at - timedelta(days=2)
    )
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, at=at - timedelta(minutes=5)))
    assert refusal(path(oem, leaf), StatusPolicy(max_age=timedelta(days=1))) == "revoked"
    assert status_server.asked == ["/sub2.crl"]


def test_an_old_ocsp_answer_played_again_does_not_hide_a_revocation(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem, ocsp_url=status_server.url("/ocsp"))
    at = trust.now()
    status_server.serve_ocsp("/ocsp", oem.sub2, revoked=(leaf.certificate,), at=at)
    assert refusal(path(oem, leaf)) == "revoked"
    OcspAnswer.objects.update(fetched_at=at - timedelta(days=2))
    status_server.serve_ocsp("/ocsp", oem.sub2, at=at - timedelta(minutes=5))
    assert refusal(path(oem, leaf), StatusPolicy(max_age=timedelta(days=1))) == "revoked"
    assert status_server.asked == ["/ocsp", "/ocsp"]


def test_a_newer_crl_replaces_the_list_as_a_whole(oem: pki.Pki) -> None:
    gone, kept, new = (trust.leaf_with(oem).certificate for _ in range(3))
    at = trust.now()
    trust.keep_crl(oem.sub2, revoked=[gone, kept], at=at)
    trust.keep_crl(oem.sub2, revoked=[kept, new], at=at + timedelta(minutes=1))
    serials = ForeignRevocation.objects.values_list("serial", flat=True)
    assert {bytes(serial) for serial in serials} == {kept.serial_octets, new.serial_octets}


def test_reads_refuse_what_was_never_asked_about(oem: pki.Pki) -> None:
    chain = path(oem, trust.leaf_with(oem, crl_url="http://crl.test/c.crl"))
    with pytest.raises(Invalid) as refused:
        read(chain)
    assert refused.value.code == "status_unknown"


def test_reads_refuse_an_answer_older_than_the_policy_allows(oem: pki.Pki) -> None:
    trust.keep_crl(oem.sub2)
    chain = path(oem, trust.leaf_with(oem, crl_url="http://crl.test/c.crl"))
    policy = StatusPolicy(max_age=timedelta(days=2))
    almost = trust.now() + timedelta(days=1, hours=23)
    assert status.stored(chain, policy=policy, at=almost)
    with pytest.raises(Invalid, match="older than 2 days"):
        status.stored(chain, policy=policy, at=almost + timedelta(hours=2))


def test_an_answer_that_reads_would_call_too_old_is_fetched_again(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    """A CRL may be good for longer than the policy lets an answer rest."""
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, days=365))
    chain = path(oem, trust.leaf_with(oem, crl_url=url))
    ask(chain)
    later = trust.now() + timedelta(days=6)
    for upper in (oem.root, oem.sub1):
        trust.keep_crl(upper, at=later)
    policy = StatusPolicy(max_age=timedelta(days=5))
    status.check_now(chain, policy=policy, at=later)
    assert status_server.asked == ["/sub2.crl", "/sub2.crl"]
    assert status.stored(chain, policy=policy, at=later)


def test_an_answer_without_an_end_is_asked_for_by_every_write(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=trust.now())
    chain = path(oem, trust.leaf_with(oem, ocsp_url=url))
    ask(chain)
    OcspAnswer.objects.update(next_update=None)
    ask(chain)
    assert status_server.asked == ["/ocsp", "/ocsp"]


def test_a_good_answer_does_not_outweigh_a_fresh_revocation(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    leaf = trust.leaf_with(oem, ocsp_url=status_server.url("/ocsp"))
    status_server.serve_ocsp("/ocsp", oem.sub2, revoked=(leaf.certificate,), at=trust.now())
    chain = path(oem, leaf)
    assert refusal(chain) == "revoked"
    trust.keep_crl(oem.sub2)
    assert refusal(chain) == "revoked"
