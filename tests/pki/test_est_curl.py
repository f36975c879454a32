"""EST from the outside: keys and requests by OpenSSL, sent by curl to the running server."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.factories import trust
from tests.pki.enrolment import NAMES, Party, party_for
from tests.pki.published import OpenSsl

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    trust.v2g_ecosystem()
    return OpenSsl(tmp_path)


def _curl(openssl: OpenSsl, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["curl", "-sS", "-D", "headers", "-w", "%{http_code}", "-o", "body", *arguments],
        cwd=openssl.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return int(done.stdout), (openssl.folder / "body").read_text()


def _request(openssl: OpenSsl, subject: str, *key: str) -> None:
    made = openssl.run(
        *("req", "-new", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", subject),
        *(key or ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")),
    )
    assert made.returncode == 0, made.stderr
    openssl.run("req", "-in", "csr.pem", "-outform", "DER", "-out", "csr.der")


def _enrol(
    openssl: OpenSsl, server: LiveServer, caller: Party, label: str, *more: str
) -> tuple[int, str]:
    return _curl(
        openssl,
        *("-u", f"{caller.client.client_id}:{caller.secret}"),
        *("-H", "Content-Type: application/pkcs10", "-H", "Content-Transfer-Encoding: base64"),
        *("--data-binary", "@csr.b64", *more),
        f"{server.url}/.well-known/est/{label}/simpleenroll",
    )


def _certificates(openssl: OpenSsl, body: str) -> list[str]:
    openssl.write("answer.p7", base64.b64decode(body))
    printed = openssl.run("pkcs7", "-inform", "DER", "-in", "answer.p7", "-print_certs")
    assert printed.returncode == 0, printed.stderr
    end = "-----END CERTIFICATE-----\n"
    return [part[part.index("-----BEGIN") :] + end for part in printed.stdout.split(end)[:-1]]


@pytest.mark.parametrize("label", ["cpo", "mo", "oem"])
def test_a_certificate_for_a_key_of_openssl_leads_to_the_root_of_cacerts(
    live_server: LiveServer, openssl: OpenSsl, label: str
) -> None:
    caller = party_for(label)
    _request(openssl, f"/O=Ignored/CN={NAMES[label]}")
    openssl.write("csr.b64", base64.encodebytes((openssl.folder / "csr.der").read_bytes()))
    status, body = _enrol(openssl, live_server, caller, label)
    assert status == 200, body
    headers = (openssl.folder / "headers").read_text().lower()
    assert "content-type: application/pkcs7-mime; smime-type=certs-only\n" in headers
    assert "content-transfer-encoding: base64\n" in headers
    (leaf,) = _certificates(openssl, body)
    credentials = ("-u", f"{caller.client.client_id}:{caller.secret}")
    status, body = _curl(openssl, *credentials, f"{live_server.url}/{label}/cacerts/")
    assert status == 200
    sub2, sub1, root = _certificates(openssl, body)
    openssl.write("leaf.pem", leaf.encode())
    openssl.write("subs.pem", (sub2 + sub1).encode())
    openssl.write("root.pem", root.encode())
    verified = openssl.run("verify", "-CAfile", "root.pem", "-untrusted", "subs.pem", "leaf.pem")
    assert verified.stdout == "leaf.pem: OK\n", verified.stderr
    keys = {
        openssl.run("x509", "-in", "leaf.pem", "-noout", "-pubkey").stdout,
        openssl.run("pkey", "-in", "key.pem", "-pubout").stdout,
    }
    assert len(keys) == 1
    subject = openssl.run("x509", "-in", "leaf.pem", "-noout", "-subject").stdout
    assert f"CN = {NAMES[label]}" in subject
    assert "Ignored" not in subject


def test_a_token_enrols_and_renews(live_server: LiveServer, openssl: OpenSsl) -> None:
    caller = party_for("oem")
    _, answer = _curl(
        openssl,
        *("-u", f"{caller.client.client_id}:{caller.secret}"),
        *("-d", "grant_type=client_credentials", f"{live_server.url}/oauth/token"),
    )
    bearer = f"Authorization: Bearer {json.loads(answer)['access_token']}"
    serials = set()
    for operation in ("simpleenroll", "simplereenroll"):
        _request(openssl, f"/CN={NAMES['oem']}")
        status, body = _curl(
            openssl,
            *("-H", bearer, "-H", "Content-Type: application/pkcs10"),
            *("--data-binary", "@csr.pem"),
            f"{live_server.url}/est/my-oem/{operation}/ISO15118-2/secp256r1",
        )
        assert status == 200, body
        openssl.write("leaf.pem", _certificates(openssl, body)[0].encode())
        serials.add(openssl.run("x509", "-in", "leaf.pem", "-noout", "-serial").stdout)
    assert len(serials) == 2


@pytest.mark.parametrize(
    ("subject", "key", "status", "text"),
    [
        ("/CN=WVWTESTPCID000001", ("-newkey", "rsa:2048"), 400, "no key on a curve"),
        (
            "/CN=WVWTESTPCID000001",
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"),
            400,
            "secp256r1",
        ),
        ("/CN=WBATESTPCID000001", (), 403, "does not belong to your organisation"),
        ("/O=Nobody", (), 400, "exactly one common name"),
    ],
    ids=["RSA", "P-521", "foreign", "no CN"],
)
def test_what_is_refused_says_why(
    live_server: LiveServer,
    openssl: OpenSsl,
    subject: str,
    key: tuple[str, ...],
    status: int,
    text: str,
) -> None:
    _request(openssl, subject, *key)
    openssl.write("csr.b64", base64.encodebytes((openssl.folder / "csr.der").read_bytes()))
    answered, body = _enrol(openssl, live_server, party_for("oem"), "oem")
    assert answered == status
    assert text in body
    assert len(body.splitlines()) == 1


def test_csrattrs_are_asn1_that_openssl_reads(live_server: LiveServer, openssl: OpenSsl) -> None:
    caller = party_for("cpo")
    status, body = _curl(
        openssl,
        *("-u", f"{caller.client.client_id}:{caller.secret}"),
        f"{live_server.url}/.well-known/est/cpo/csrattrs",
    )
    assert status == 200
    openssl.write("attributes.der", base64.b64decode(body))
    read = openssl.run("asn1parse", "-inform", "DER", "-in", "attributes.der").stdout
    for name in ("id-ecPublicKey", "prime256v1", "ecdsa-with-SHA256"):
        assert name in read
