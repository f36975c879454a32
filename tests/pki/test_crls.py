"""CRLs of our authorities: what stands on them, when they are signed anew, how they are served."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core import queue
from apps.pki import locations, services, tasks
from apps.pki.models import Authority, IssuedCertificate, PublishedCrl, RevocationReason
from tests.pki.published import (
    ACTOR,
    OpenSsl,
    at,
    issue,
    make_authority,
    pem,
    revoke,
    revoke_in_vain,
)
from v2g.pki import crl as crl_format
from v2g.pki.crl import Crl

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority() -> Authority:
    return make_authority()


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "_send", lambda task, arguments: sent.append((task, *arguments)))
    return sent


def _read(client: Client, authority: Authority) -> Crl:
    response = client.get(locations.crl_url(authority))
    assert response["Content-Type"] == "application/pkix-crl"
    return Crl.read(response.content, issuer=authority.certificate, at=at())


def _listed(client: Client, authority: Authority) -> set[int]:
    return {entry.serial for entry in _read(client, authority).entries()}


def test_a_revocation_stands_on_the_list_at_once_and_the_number_grows(
    client: Client, authority: Authority
) -> None:
    kept, gone = issue(authority), issue(authority)
    first = _read(client, authority)
    revoke(gone, RevocationReason.SUPERSEDED)
    second = _read(client, authority)
    assert not list(first.entries())
    entry = next(second.entries())
    assert (entry.serial, entry.reason) == (gone.certificate.serial, "superseded")
    assert second.status_in_crl(kept.certificate.serial).revoked_at is None
    assert (first.number, second.number) == (1, 2)


def test_a_list_that_says_all_is_not_signed_again(client: Client, authority: Authority) -> None:
    bodies = {client.get(locations.crl_url(authority)).content for _ in range(3)}
    assert len(bodies) == 1
    assert AuditEvent.objects.filter(action="pki.sign_crl").count() == 1


def test_an_abandoned_serial_stands_on_the_list(client: Client, authority: Authority) -> None:
    row = issue(authority)
    IssuedCertificate.objects.filter(pk=row.pk).update(state="intended")
    assert _listed(client, authority) == set()
    with time_machine.travel(at() + timedelta(minutes=10), tick=False):
        services.settle_intents(actor=ACTOR)
        assert _listed(client, authority) == {int.from_bytes(bytes(row.serial), "big")}


def test_a_revoked_certificate_stays_until_one_list_after_its_end(
    client: Client, authority: Authority
) -> None:
    row = issue(authority, days=9)
    revoke(row)
    begins = at()
    for days, listed in [(0, True), (8, True), (16, True), (24, False)]:
        with time_machine.travel(begins + timedelta(days=days), tick=False):
            assert (row.certificate.serial in _listed(client, authority)) is listed


def test_a_list_is_never_served_past_its_end(client: Client, authority: Authority) -> None:
    first = _read(client, authority)
    with time_machine.travel(first.next_update + timedelta(seconds=1), tick=False):
        second = _read(client, authority)
        assert second.this_update > first.next_update
        assert second.number == 2


def test_a_rolled_back_revocation_changes_nothing(client: Client, authority: Authority) -> None:
    row = issue(authority)
    assert _listed(client, authority) == set()
    revoke_in_vain(row)
    assert _read(client, authority).number == 1


def test_a_revocation_while_a_list_is_signed_leaves_it_behind(
    client: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = issue(authority)
    build: Callable[..., bytes] = crl_format.build_crl

    def slow(entries: Any, **more: Any) -> bytes:
        der = build(list(entries), **more)
        revoke(row)
        return der

    with monkeypatch.context() as patch:
        patch.setattr(crl_format, "build_crl", slow)
        services.sign_crl(actor=ACTOR, authority=authority)
    assert not PublishedCrl.objects.get().is_current(at())
    assert _listed(client, authority) == {row.certificate.serial}


def test_of_two_who_sign_one_number_the_first_wins(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    build: Callable[..., bytes] = crl_format.build_crl
    won: list[PublishedCrl] = []

    def slow(entries: Any, **more: Any) -> bytes:
        monkeypatch.setattr(crl_format, "build_crl", build)
        won.append(services.sign_crl(actor=ACTOR, authority=authority))
        return build(entries, **more)

    monkeypatch.setattr(crl_format, "build_crl", slow)
    second = services.sign_crl(actor=ACTOR, authority=authority)
    assert bytes(second.der or b"") == bytes(won[0].der or b"")
    assert second.number == 1


def test_the_sweep_finds_lists_that_are_missing_behind_or_near_their_end(
    authority: Authority,
    enqueued: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    def due() -> set[tuple[Any, ...]]:
        enqueued.clear()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.sign_due_crls()
        return set(enqueued)

    everyone = {("pki.sign_crl", pk) for pk in Authority.objects.values_list("pk", flat=True)}
    assert len(everyone) == 3
    assert due() == everyone
    for _, pk in everyone:
        tasks.sign_crl(pk)
    assert due() == set()
    revoke(issue(authority))
    assert due() == {("pki.sign_crl", authority.pk)}
    tasks.sign_crl(authority.pk)
    tasks.sign_crl(authority.pk)
    assert PublishedCrl.objects.get(authority=authority).number == 2
    with time_machine.travel(at() + timedelta(days=4), tick=False):
        assert due() == everyone


def test_a_revocation_asks_for_a_new_list(
    authority: Authority,
    enqueued: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    row = issue(authority)
    with django_capture_on_commit_callbacks(execute=True):
        revoke(row)
    assert ("pki.sign_crl", authority.pk) in enqueued


def test_a_reader_who_has_the_list_gets_304_until_there_is_another(
    client: Client, authority: Authority
) -> None:
    url = locations.crl_url(authority)
    first = client.get(url)
    assert first["Cache-Control"] == "public, max-age=300, must-revalidate"
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    revoke(issue(authority))
    other = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    assert other["ETag"] != first["ETag"]


def test_every_level_has_a_list_that_openssl_accepts(
    client: Client, authority: Authority, tmp_path: Path
) -> None:
    openssl = OpenSsl(tmp_path)
    revoke(issue(authority))
    for row in Authority.objects.all():
        openssl.write("ca.pem", pem(row.certificate))
        openssl.write("list.crl", client.get(locations.crl_url(row)).content)
        done = openssl.run(
            *("crl", "-inform", "DER", "-in", "list.crl", "-CAfile", "ca.pem", "-verify", "-text")
        )
        assert "verify OK" in done.stdout + done.stderr
        assert "X509v3 CRL Number" in done.stdout
        assert ("Key Compromise" in done.stdout) is (row == authority)


def test_openssl_refuses_a_revoked_certificate_with_our_list(
    client: Client, authority: Authority, tmp_path: Path
) -> None:
    openssl = OpenSsl(tmp_path)
    row = issue(authority)
    openssl.write("leaf.pem", pem(row.certificate))
    openssl.write("ca.pem", pem(authority.certificate))

    def check() -> str:
        der = client.get(locations.crl_url(authority)).content
        openssl.write("list.crl", der)
        done = openssl.run(
            *("verify", "-partial_chain", "-crl_check", "-CRLfile", "list.crl"),
            *("-CAfile", "ca.pem", "leaf.pem"),
        )
        return done.stdout + done.stderr

    assert check().strip() == "leaf.pem: OK"
    revoke(row)
    assert "certificate revoked" in check()


def test_certificates_name_the_status_services_by_their_own_address(
    authority: Authority, settings: Settings
) -> None:
    settings.STATUS_URL = "http://status.test/"
    named = issue(authority).certificate.extensions
    assert named.ocsp_urls == ("http://status.test/pki/ocsp",)
    assert named.crl_urls == (f"http://status.test/pki/crl/{authority.uuid}.crl",)
