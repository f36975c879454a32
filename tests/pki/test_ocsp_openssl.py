"""OpenSSL's own OCSP client against the running server."""

import base64
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.pki import services
from apps.pki.models import Authority, IssuedCertificate
from tests.pki.published import ACTOR, OpenSsl, issue, make_authority, path_of, pem, revoke

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authority() -> Authority:
    return make_authority()


def _ask(
    server: LiveServer, openssl: OpenSsl, leaf: IssuedCertificate, *more: str
) -> subprocess.CompletedProcess[str]:
    authority = leaf.authority
    openssl.write("leaf.pem", pem(leaf.certificate))
    openssl.write("issuer.pem", pem(authority.certificate))
    openssl.write("path.pem", b"".join(map(pem, path_of(authority))))
    return openssl.run(
        *("ocsp", "-issuer", "issuer.pem", "-cert", "leaf.pem", "-CAfile", "path.pem"),
        *("-url", f"{server.url}/pki/ocsp", *more),
    )


@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize("more", [(), ("-no_nonce",)])
def test_good_revoked_and_unknown(
    live_server: LiveServer,
    tmp_path: Path,
    authority: Authority,
    more: tuple[str, ...],
    delegated: bool,
) -> None:
    if delegated:
        services.roll_responder(actor=ACTOR, authority=authority)
    openssl, leaf = OpenSsl(tmp_path), issue(authority)
    good = _ask(live_server, openssl, leaf, *more)
    assert "Response verify OK" in good.stderr
    assert "leaf.pem: good" in good.stdout
    revoke(leaf)
    revoked = _ask(live_server, openssl, leaf, *more)
    assert "Response verify OK" in revoked.stderr
    assert "leaf.pem: revoked" in revoked.stdout
    assert "Reason: keyCompromise" in revoked.stdout
    unknown = openssl.run(
        *("ocsp", "-issuer", "issuer.pem", "-serial", "4711", "-CAfile", "path.pem"),
        *("-url", f"{live_server.url}/pki/ocsp", *more),
    )
    assert "4711: unknown" in unknown.stdout


def test_a_foreign_issuer_is_unauthorized_and_rubbish_malformed(
    live_server: LiveServer, tmp_path: Path, authority: Authority
) -> None:
    openssl = OpenSsl(tmp_path)
    openssl.run(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", "key.pem", "-out", "foreign.pem", "-subj", "/CN=Foreign", "-days", "2"),
    )
    foreign = openssl.run(
        *("ocsp", "-issuer", "foreign.pem", "-serial", "1", "-CAfile", "foreign.pem"),
        *("-url", f"{live_server.url}/pki/ocsp"),
    )
    assert "unauthorized" in foreign.stdout + foreign.stderr
    (tmp_path / "rubbish").write_bytes(b"\x30\x03abc")
    asked = subprocess.run(
        [
            *("curl", "-sS", "--data-binary", "@rubbish", f"{live_server.url}/pki/ocsp"),
            *("-H", "Content-Type: application/ocsp-request", "-o", "answer.der"),
        ],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )
    assert asked.returncode == 0
    assert "malformedrequest" in openssl.run("ocsp", "-respin", "answer.der").stdout


def test_get_as_caches_and_cars_ask(
    live_server: LiveServer, tmp_path: Path, authority: Authority
) -> None:
    openssl, leaf = OpenSsl(tmp_path), issue(authority)
    openssl.write("leaf.pem", pem(leaf.certificate))
    openssl.write("issuer.pem", pem(authority.certificate))
    openssl.write("path.pem", b"".join(map(pem, path_of(authority))))
    openssl.run(
        *("ocsp", "-issuer", "issuer.pem", "-cert", "leaf.pem", "-no_nonce"),
        *("-reqout", "request.der"),
    )
    encoded = base64.b64encode((tmp_path / "request.der").read_bytes()).decode()
    path = encoded.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    subprocess.run(
        ["curl", "-sSf", f"{live_server.url}/pki/ocsp/{path}", "-o", "answer.der"],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )
    read = openssl.run(
        *("ocsp", "-respin", "answer.der", "-issuer", "issuer.pem", "-cert", "leaf.pem"),
        *("-CAfile", "path.pem"),
    )
    assert "Response verify OK" in read.stderr
    assert "leaf.pem: good" in read.stdout
