"""EST by strongSwan's own client, over TLS: cacerts, enrolment, renewal, approval, refusals.

It speaks https alone, puts `/.well-known/est/<operation>` behind the URL it is given, and asks for
cacerts without credentials. Ours are for known clients, so there the TLS end adds them. While it
polls after a 202 it forgets the path of its URL, so there the TLS end adds the label.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.pki import selectors, services
from apps.pki.api import est
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from tests.factories import trust
from tests.factories.trust import Ecosystem, Purpose
from tests.interop.strongswan import StrongSwan
from tests.interop.tls_front import Front, tls_front
from tests.pki.enrolment import NAMES, Party, party_for
from tests.pki.published import OpenSsl, pem, revoke
from v2g.pki.certificate import Certificate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ecosystem() -> Ecosystem:
    return trust.v2g_ecosystem()


@pytest.fixture
def swan(tmp_path: Path) -> StrongSwan:
    return StrongSwan(tmp_path)


@pytest.fixture
def front(
    live_server: LiveServer, ecosystem: Ecosystem, tmp_path: Path, settings: Settings
) -> Iterator[Front]:
    """TLS with a throw-away certificate; our server takes it for a proxy of its operator."""
    settings.CLIENT_CERTIFICATE_PROXIES = ["127.0.0.0/8"]
    made = OpenSsl(tmp_path).run(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", "tls.key", "-out", "tls.pem", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost"),
    )
    assert made.returncode == 0, made.stderr
    path = selectors.path_of(ecosystem.sub2[Purpose.CPO])
    with tls_front(
        to=live_server.url,
        certificate=tmp_path / "tls.pem",
        key=tmp_path / "tls.key",
        client_cas="".join(pem(one).decode() for one in path),
    ) as front:
        yield front


def _credentials(caller: Party) -> tuple[str, str]:
    return "--userpass", f"{caller.client.client_id}:{caller.secret}"


def _enrolling(front: Front, label: str, *more: str, name: str = "") -> tuple[str, ...]:
    url = front.url(f"/{label}")
    return ("--est", "--url", url, "--in", f"{name}csr.der", "--cacert", "tls.pem", *more)


def _trusting(swan: StrongSwan, ecosystem: Ecosystem) -> list[str]:
    """Arguments that let it check what it gets up to our root."""
    found = []
    for number, ca in enumerate(selectors.path_of(ecosystem.sub2[Purpose.CPO])):
        (swan.folder / f"ca{number}.der").write_bytes(ca.der)
        found += ["--cacert", f"ca{number}.der"]
    return found


def test_it_reads_root_and_sub_cas(front: Front, ecosystem: Ecosystem, swan: StrongSwan) -> None:
    front.added["Authorization"] = f"Basic {party_for('cpo').basic}"
    arguments = ("--url", front.url("/cpo"), "--cacert", "tls.pem", "--caout", "ca.der")
    log = swan.run("--estca", *arguments)
    sub2, sub1, root = selectors.path_of(ecosystem.sub2[Purpose.CPO])
    assert swan.read("ca.der") == root.der
    assert {swan.read("ca-1.der"), swan.read("ca-2.der")} == {sub1.der, sub2.der}
    assert log.count("Sub CA cert is trusted") == 2


@pytest.mark.parametrize("label", ["cpo", "mo", "oem"])
def test_it_enrols_and_checks_the_path_of_what_it_got(
    front: Front, ecosystem: Ecosystem, swan: StrongSwan, label: str
) -> None:
    swan.make_request(NAMES[label])
    trusted = _trusting(swan, ecosystem) if label == "cpo" else []
    arguments = _enrolling(front, label, *_credentials(party_for(label)), *trusted)
    log = swan.run(*arguments, save="leaf.der")
    leaf = Certificate.from_der(swan.read("leaf.der"))
    assert leaf.common_name == NAMES[label]
    assert IssuedCertificate.objects.get(fingerprint=leaf.fingerprint)
    assert front.answered == [(f"POST /{label}/.well-known/est/simpleenroll", 200)]
    assert ("Issued certificate is trusted" in log) is bool(trusted)


def test_it_renews_with_the_certificate_of_its_tls_connection(
    front: Front, swan: StrongSwan
) -> None:
    credentials = _credentials(party_for("cpo"))
    swan.make_request(NAMES["cpo"], name="old-")
    swan.make_request(NAMES["cpo"], name="new-")
    swan.run(*_enrolling(front, "cpo", *credentials, name="old-"), save="old.der")
    renewing = _enrolling(
        front, "cpo", *credentials, "--cert", "old.der", "--key", "old-key.der", name="new-"
    )
    log = swan.run(*renewing, save="new.der")
    assert "sending TLS client certificate" in log
    assert front.answered[-1] == ("POST /cpo/.well-known/est/simplereenroll", 200)
    old, new = (Certificate.from_der(swan.read(name)) for name in ("old.der", "new.der"))
    assert (new.subject, new.serial == old.serial) == (old.subject, False)
    revoke(IssuedCertificate.objects.get(fingerprint=old.fingerprint))
    assert "HTTP 403" in swan.fail(*renewing)


def test_it_waits_until_the_operator_approved_a_cps_certificate(
    front: Front, swan: StrongSwan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(est, "RETRY_AFTER_S", 1)
    caller = party_for("cps")
    swan.make_request("Whatever")
    front.prefix = "/cps"
    polling = ("--interval", "1", "--maxpolltime", "30")
    arguments = _enrolling(front, "", *_credentials(caller), *polling)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(swan.run, *arguments, save="leaf.der")
        deadline = monotonic() + 30
        while not front.answered and monotonic() < deadline:
            sleep(0.05)
        request = EnrolmentRequest.objects.get()
        services.approve_request(actor=trust.operator_person(), request=request)
        log = running.result(60)
    assert "EST request pending" in log
    assert [status for _, status in front.answered] == [202, 200]
    leaf = Certificate.from_der(swan.read("leaf.der"))
    assert leaf.common_name == f"{caller.organization.name} CPS"


def test_a_refusal_ends_it_with_the_status(front: Front, swan: StrongSwan) -> None:
    caller = party_for("cpo")
    swan.make_request(NAMES["cpo"], name="rsa-", kind="rsa", size=2048)
    swan.make_request(NAMES["cpo"], name="wide-", size=521)
    swan.make_request("FR*XYZ*E45B*78C", name="foreign-")
    for name, status in (("rsa-", 400), ("wide-", 400), ("foreign-", 403)):
        arguments = _enrolling(front, "cpo", *_credentials(caller), name=name)
        assert f"HTTP {status}" in swan.fail(*arguments)
    wrong = _enrolling(front, "cpo", "--userpass", "nobody:wrong", name="foreign-")
    assert "HTTP 401" in swan.fail(*wrong)
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()
