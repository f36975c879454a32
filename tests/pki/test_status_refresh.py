"""The sweep that fetches stored answers about foreign certificates again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from apps.core.errors import Invalid
from apps.pki import status, tasks
from apps.pki.models import ForeignCrl, OcspAnswer
from apps.pki.status import refreshing
from tests.factories import pki, trust
from tests.factories.status_services import StatusServer
from tests.pki.asking import CRL_FIRST, ask, path, read
from v2g.pki.chains import CheckedChain

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> pki.Pki:
    """A foreign PKI whose upper CAs are not due within the tests."""
    made = trust.oem_pki(crls_of=("root", "sub1")).pki
    ForeignCrl.objects.update(next_try_at=None)
    return made


def sweep_at(at: datetime) -> None:
    with time_machine.travel(at):
        tasks.refresh_status()


def daily(start: datetime, days: int) -> Iterator[datetime]:
    return (start + timedelta(days=day) for day in range(1, days + 1))


def read_leaf(chain: CheckedChain, at: datetime) -> None:
    """Read as of a later time; the answers about the CAs above are renewed by hand."""
    ForeignCrl.objects.filter(next_try_at=None).update(fetched_at=at)
    status.stored(chain, policy=CRL_FIRST, at=at)


def test_a_vehicle_still_counts_weeks_later_because_its_crl_is_fetched_again(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    start = trust.now()
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    chain = path(oem, trust.leaf_with(oem, crl_url=url))
    ask(chain)
    for at in daily(start, 14):
        status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, at=at))
        sweep_at(at)
    read_leaf(chain, at)
    with pytest.raises(Invalid, match="older than 7 days"):
        read_leaf(chain, at + timedelta(days=7, minutes=1))


def test_a_vehicle_still_counts_weeks_later_because_ocsp_is_asked_again(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    start = trust.now()
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=start)
    chain = path(oem, trust.leaf_with(oem, ocsp_url=url))
    ask(chain)
    for at in daily(start, 10):
        status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
        sweep_at(at)
    read_leaf(chain, at)


def test_one_request_serves_all_certificates_of_an_issuer_and_none_is_made_too_soon(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    for _ in range(3):
        ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    sweep_at(at + timedelta(hours=5, minutes=55))
    assert status_server.asked == ["/sub2.crl"]
    for minute in (5, 6, 7):
        sweep_at(at + timedelta(hours=6, minutes=minute))
    assert status_server.asked == ["/sub2.crl"] * 2


def test_an_answer_that_ends_soon_is_fetched_before_its_end(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    row = ForeignCrl.objects.get(url=url)
    assert row.next_try_at is not None
    assert timedelta(hours=5, minutes=59) < row.next_try_at - at < timedelta(hours=6, minutes=1)
    short = trust.crl_of(oem.sub2, at=at - timedelta(hours=22), days=1)
    status_server.serve("/other.crl", short)
    other = trust.leaf_with(oem, crl_url=status_server.url("/other.crl"))
    ForeignCrl.objects.filter(pk=row.pk).delete()
    ask(path(oem, other))
    row = ForeignCrl.objects.get(url=status_server.url("/other.crl"))
    assert row.next_try_at == row.next_update - timedelta(hours=1)


def test_a_revocation_found_by_the_sweep_refuses_reads_without_any_write(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    listed = trust.leaf_with(oem, crl_url=status_server.url("/sub2.crl"))
    asked = trust.leaf_with(oem, ocsp_url=status_server.url("/ocsp"))
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
    chains = [path(oem, listed), path(oem, asked)]
    for chain in chains:
        ask(chain)
        read(chain)
    later = at + timedelta(hours=7)
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub2, revoked=[listed.certificate], at=later))
    status_server.serve_ocsp("/ocsp", oem.sub2, revoked=(asked.certificate,), at=later)
    sweep_at(later)
    for chain in chains:
        with pytest.raises(Invalid, match="revoked"):
            status.stored(chain, policy=CRL_FIRST, at=later)
    status_server.asked.clear()
    sweep_at(later + timedelta(hours=7))
    assert status_server.asked == ["/sub2.crl"], "what is revoked for good is not asked about"


def test_a_service_that_is_gone_is_left_alone_for_ten_minutes_and_then_tried_again(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
    chains = [path(oem, trust.leaf_with(oem, ocsp_url=url)) for _ in range(3)]
    for chain in chains:
        ask(chain)
    status_server.serve("/ocsp", b"", status=503)
    status_server.asked.clear()
    later = at + timedelta(hours=7)
    for minute in range(5):
        sweep_at(later + timedelta(minutes=minute))
    assert status_server.asked == ["/ocsp"], "one failure speaks for all that name the address"
    read_leaf(chains[0], later)
    again = later + timedelta(minutes=11)
    status_server.serve_ocsp("/ocsp", oem.sub2, at=again)
    sweep_at(again)
    assert len(status_server.asked) == 4
    fetched = OcspAnswer.objects.values_list("fetched_at", flat=True)
    assert all(one >= again for one in fetched)


def test_what_does_not_verify_leaves_the_stored_answer_as_it_is(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve("/sub2.crl", trust.crl_of(oem.sub2))
    ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    before = ForeignCrl.objects.get(url=url).fetched_at
    later = at + timedelta(hours=7)
    status_server.serve("/sub2.crl", trust.crl_of(oem.sub1, at=later))
    sweep_at(later)
    assert ForeignCrl.objects.get(url=url).fetched_at == before
    assert status_server.asked == ["/sub2.crl"] * 2


def partial_crl(issuer: pki.Holder, at: datetime, *, users: bool) -> bytes:
    """A CRL that covers only the end entities of its issuer, or only its CAs."""
    scope = x509.IssuingDistributionPoint(None, None, users, not users, None, False, False)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.load_der_x509_certificate(issuer.der).subject)
        .last_update(at - timedelta(minutes=1))
        .next_update(at + timedelta(days=7))
        .add_extension(scope, critical=True)
    )
    return made.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_a_partial_crl_is_fetched_once_for_all_and_only_counts_for_what_it_covers(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve("/users.crl", partial_crl(oem.sub2, at, users=True))
    for _ in range(2):
        ask(path(oem, trust.leaf_with(oem, crl_url=url)))
    status_server.asked.clear()
    later = at + timedelta(hours=7)
    status_server.serve("/users.crl", partial_crl(oem.sub2, later, users=True))
    sweep_at(later)
    assert status_server.asked == ["/users.crl"]
    assert OcspAnswer.objects.filter(fetched_at__gte=later).count() == 2
    latest = later + timedelta(hours=7)
    status_server.serve("/users.crl", partial_crl(oem.sub2, latest, users=False))
    sweep_at(latest)
    assert status_server.asked == ["/users.crl"] * 2
    assert not OcspAnswer.objects.filter(fetched_at__gte=latest).exists()


def test_two_sweeps_that_found_the_same_rows_ask_about_each_once(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    later = trust.now() + timedelta(hours=7)
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=trust.now())
    for _ in range(2):
        ask(path(oem, trust.leaf_with(oem, ocsp_url=url)))
    status_server.serve_ocsp("/ocsp", oem.sub2, at=later)
    found = list(OcspAnswer.objects.all())
    status_server.asked.clear()
    sweeps = [refreshing.Sweep(later), refreshing.Sweep(later)]
    for sweep in sweeps:
        sweep.run(found)
    assert status_server.asked == ["/ocsp"] * 2
    assert [sweep.kept for sweep in sweeps] == [2, 0]


def test_expired_certificates_are_not_asked_about(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
    ask(path(oem, trust.leaf_with(oem, ocsp_url=url)))
    OcspAnswer.objects.update(not_after=at + timedelta(hours=6))
    sweep_at(at + timedelta(hours=7))
    assert status_server.asked == ["/ocsp"]
    assert OcspAnswer.objects.get().next_try_at is None


def test_the_sweep_is_refused_inside_a_transaction(oem: pki.Pki) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        status.refresh_due(at=trust.now())


def test_what_was_published_together_is_not_due_together(
    oem: pki.Pki, status_server: StatusServer
) -> None:
    at = trust.now()
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
    for _ in range(12):
        ask(path(oem, trust.leaf_with(oem, ocsp_url=url)))
    due = [one - at for one in OcspAnswer.objects.values_list("next_try_at", flat=True) if one]
    assert len(set(due)) == len(due) == 12
    assert timedelta(hours=4, minutes=29) < min(due)
    assert max(due) < timedelta(hours=6, minutes=1)
    assert max(due) - min(due) > timedelta(minutes=15)


def test_a_service_that_is_gone_does_not_hold_up_the_others(
    oem: pki.Pki, status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MAX_ANSWERS", 2)
    at = trust.now()
    gone = status_server.serve_ocsp("/gone", oem.sub2, at=at)
    for _ in range(5):
        ask(path(oem, trust.leaf_with(oem, ocsp_url=gone)))
    OcspAnswer.objects.update(next_try_at=at + timedelta(hours=1))
    there = status_server.serve_ocsp("/there", oem.sub2, at=at)
    ask(path(oem, trust.leaf_with(oem, ocsp_url=there)))
    later = at + timedelta(hours=7)
    status_server.serve("/gone", b"", status=503)
    status_server.serve_ocsp("/there", oem.sub2, at=later)
    sweep_at(later)
    assert OcspAnswer.objects.get(url=there).fetched_at >= later


def test_a_slow_service_waits_for_the_next_sweep_when_it_took_its_share(
    oem: pki.Pki, status_server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MAX_SECONDS_EACH", 0.0)
    at = trust.now()
    url = status_server.serve_ocsp("/ocsp", oem.sub2, at=at)
    for _ in range(3):
        ask(path(oem, trust.leaf_with(oem, ocsp_url=url)))
    later = at + timedelta(hours=7)
    status_server.serve_ocsp("/ocsp", oem.sub2, at=later)
    status_server.asked.clear()
    sweep_at(later)
    assert status_server.asked == ["/ocsp"]


def test_the_status_of_sub_cas_is_fetched_again_as_well(status_server: StatusServer) -> None:
    oem, at = trust.oem_pki(crls_of=("sub2",)).pki, trust.now()
    named = {
        issuer.der: name for issuer, name in ((oem.root, "/root.crl"), (oem.sub1, "/sub1.crl"))
    }
    for issuer in (oem.root, oem.sub1):
        trust.keep_crl(issuer)
        url = status_server.serve(named[issuer.der], trust.crl_of(issuer))
        ForeignCrl.objects.filter(issuer_fingerprint=issuer.certificate.fingerprint).update(url=url)
    later = at + timedelta(hours=7)
    for issuer in (oem.root, oem.sub1):
        status_server.serve(named[issuer.der], trust.crl_of(issuer, at=later))
    sweep_at(later)
    assert {"/root.crl", "/sub1.crl"} <= set(status_server.asked)
