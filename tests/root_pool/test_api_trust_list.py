"""GET /v1/root/ctl: the signed list of trusted roots, read by a real openssl."""

import base64
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from apps.audit.models import AuditEvent
from apps.core.actor import Role, system
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.root_pool import generation, services, trust_list
from apps.root_pool.models import RootCertificate, TrustList, TrustListSigner
from apps.root_pool.tasks import roll_trust_list_signer
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

PATH = "/v1/root/ctl"
SYSTEM = system("tests")


@dataclass
class Trusting:
    """An ecosystem with a signer, and who reads its list."""

    v2g: trust.Ecosystem
    caller: Caller

    def answer(self) -> dict[str, Any]:
        response = self.caller.get(PATH)
        assert response.status_code == 200
        body: dict[str, Any] = response.json()
        return body


@pytest.fixture
def trusting() -> Trusting:
    made = trust.v2g_ecosystem(purposes=[trust.Purpose.CPS])
    roll_trust_list_signer()
    return Trusting(made, Caller(parties.organization(roles=[Role.CPO])))


def verify(
    body: dict[str, Any], root: Certificate, folder: Path, *, certificates: str = "-CAfile"
) -> subprocess.CompletedProcess[bytes]:
    """Run openssl on the list, as docs/rcp.md tells readers."""
    (folder / "ctl.der").write_bytes(base64.b64decode(body["CTL"]["content"]))
    pem = base64.encodebytes(root.der).decode()
    (folder / "root.pem").write_text(
        f"-----BEGIN CERTIFICATE-----\n{pem}-----END CERTIFICATE-----\n", "ascii"
    )
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", "ctl.der", "-binary"]
    return subprocess.run(
        [*command, certificates, "root.pem"], cwd=folder, capture_output=True, check=False
    )


def listed(body: dict[str, Any], root: Certificate, folder: Path) -> dict[str, Any]:
    run = verify(body, root, folder)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def revoke(fingerprint: bytes) -> None:
    row = IssuedCertificate.objects.get(fingerprint=fingerprint)
    pki_services.revoke(actor=SYSTEM, certificates=[row], reason=RevocationReason.KEY_COMPROMISE)


def test_openssl_verifies_the_list_and_finds_every_trusted_root(
    trusting: Trusting, tmp_path: Path
) -> None:
    oem = pki.make_root(Branch.OEM, at=trust.now())
    trust.trusted_root(der=oem.der, root_type=RootCertificate.Type.OEM)
    waiting = pki.make_root(Branch.MO, at=trust.now())
    services.submit(
        actor=trust.operator_person(), der=waiting.der, root_type=RootCertificate.Type.MO
    )
    body = trusting.answer()
    found = listed(body, trusting.v2g.root.certificate, tmp_path)
    assert (found["format"], found["version"]) == ("plugpool-trust-list", 1)
    assert found["issuedAt"] == body["timeStamp"]
    assert [(root["rootType"], root["fingerprint"]) for root in found["roots"]] == [
        ("V2G", trusting.v2g.root.certificate.fingerprint.hex()),
        ("OEM", oem.certificate.fingerprint.hex()),
    ]
    assert base64.b64decode(found["roots"][1]["caCertificate"]) == oem.der
    ends = datetime.strptime(found["nextUpdate"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=6) < ends - trust.now() <= timedelta(days=7)


def test_the_signer_is_named_and_hangs_on_our_v2g_root(trusting: Trusting) -> None:
    body = trusting.answer()
    signer = Certificate.from_der(base64.b64decode(body["signerCertificate"]))
    assert signer == TrustListSigner.objects.get().certificate.certificate
    assert signer.is_signed_by(trusting.v2g.sub2[trust.Purpose.CPS].certificate.public_key)
    assert signer.extensions.key_usage == frozenset({"digitalSignature"})
    assert signer.domain_components == ()


def test_openssl_refuses_a_changed_list_and_another_root(
    trusting: Trusting, tmp_path: Path
) -> None:
    body = trusting.answer()
    stranger = pki.make_root(Branch.V2G, at=trust.now()).certificate
    assert verify(body, stranger, tmp_path).returncode != 0
    der = base64.b64decode(body["CTL"]["content"])
    body["CTL"]["content"] = base64.b64encode(der.replace(b"V2G", b"OEM", 1)).decode()
    assert verify(body, trusting.v2g.root.certificate, tmp_path).returncode != 0


def test_a_list_of_iso_15118_20_is_verified_too(tmp_path: Path) -> None:
    made = trust.v2g_ecosystem(purposes=[trust.Purpose.CPS], version=IsoVersion.ISO_20)
    roll_trust_list_signer()
    body = Trusting(made, Caller(parties.organization())).answer()
    assert len(listed(body, made.root.certificate, tmp_path)["roots"]) == 1


def test_the_list_is_signed_once_until_the_roots_change(trusting: Trusting, tmp_path: Path) -> None:
    assert trusting.answer() == trusting.answer()
    assert AuditEvent.objects.filter(action="root_pool.sign_trust_list").count() == 1
    der = pki.make_root(Branch.OEM, at=trust.now()).der
    trust.trusted_root(der=der, root_type=RootCertificate.Type.OEM)
    found = listed(trusting.answer(), trusting.v2g.root.certificate, tmp_path)
    assert len(found["roots"]) == 2
    assert AuditEvent.objects.filter(action="root_pool.sign_trust_list").count() == 2
    assert TrustList.objects.count() == 1


def test_the_list_is_signed_anew_after_a_day(trusting: Trusting) -> None:
    first = trusting.answer()
    later = trust.now() + timedelta(hours=23)
    with time_machine.travel(later, tick=False):
        assert trusting.answer() == first
    with time_machine.travel(later + timedelta(hours=2), tick=False):
        again = Trusting(trusting.v2g, Caller(trusting.caller.organization)).answer()
    assert again["timeStamp"] > first["timeStamp"]


def test_a_revoked_signer_signs_no_more(trusting: Trusting, tmp_path: Path) -> None:
    first = trusting.answer()
    revoke(bytes(TrustListSigner.objects.get().certificate.fingerprint or b""))
    refused = trusting.caller.get(PATH)
    assert refused.status_code == 404
    roll_trust_list_signer()
    second = trusting.answer()
    assert second["signerCertificate"] != first["signerCertificate"]
    listed(second, trusting.v2g.root.certificate, tmp_path)


def test_the_signer_is_renewed_a_month_before_it_ends(trusting: Trusting) -> None:
    assert services.roll_trust_list_signer(actor=SYSTEM) is None
    end = TrustListSigner.objects.get().certificate.not_after
    with time_machine.travel(end - timedelta(days=31), tick=False):
        assert services.roll_trust_list_signer(actor=SYSTEM) is None
    with time_machine.travel(end - timedelta(days=29), tick=False):
        assert services.roll_trust_list_signer(actor=SYSTEM) is not None
    assert TrustListSigner.objects.count() == 2


def test_roots_that_change_during_the_signing_leave_nothing_stored(
    trusting: Trusting, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trust_list.sign

    def interrupted(*args: Any, **kwargs: Any) -> bytes:
        monkeypatch.setattr(generation, "current", lambda: 7)
        return real(*args, **kwargs)

    monkeypatch.setattr(trust_list, "sign", interrupted)
    trusting.answer()
    assert not TrustList.objects.exists()


def test_without_a_signer_or_a_root_it_is_404() -> None:
    caller = Caller(parties.organization())
    roll_trust_list_signer()
    assert not TrustListSigner.objects.exists()
    answer = caller.get(PATH)
    assert answer.status_code == 404
    assert messages(answer) == ["There is no certificate trust list."]
    der = pki.make_root(Branch.OEM, at=trust.now()).der
    trust.trusted_root(der=der, root_type=RootCertificate.Type.OEM)
    assert caller.get(PATH).status_code == 404


def test_a_body_is_not_read(trusting: Trusting) -> None:
    headers = trusting.caller._headers
    answer = trusting.caller._http.generic(
        "GET", PATH, b"{no json", content_type="application/json", headers=headers
    )
    assert answer.status_code == 200


def test_without_a_token_it_is_401(client: Any) -> None:
    assert client.get(PATH).status_code == 401
