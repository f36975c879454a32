"""A root whose key is kept elsewhere: ceremony, order, certificate, CRL, and what is served."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from django.core.management import CommandError, call_command
from django.test import Client

from apps.audit.models import AuditEvent
from apps.core.actor import Right, system
from apps.core.errors import Forbidden, Invalid
from apps.operator import vitals
from apps.pki import services as pki
from apps.pki.models import Authority, IssuedCertificate, PublishedCrl, RevocationReason
from apps.pki.services.ocsp_answers import answer_ocsp
from tests.factories import trust
from v2g.pki import bundle, ocsp
from v2g.pki.status import Status

ACTOR = system("test")


class Desk:
    """Two persons at the machine without a network, and the files they carry."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder / "root", folder
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("correct horse battery staple\n")

    def act(self, act: str, *more: str, who: tuple[str, ...] = ("Ada First", "Ben Second")) -> str:
        out = StringIO()
        arguments = [act, "--folder", str(self.folder)]
        if act != "show":
            arguments += [text for one in who for text in ("--who", one)]
            arguments += ["--passphrase-file", str(self.passphrase)]
        call_command("ceremony", *arguments, *more, stdout=out)
        return out.getvalue()

    def root(self) -> str:
        said = ("--name", "Nordic V2G Root", "--organization", "Nordic", "--generation")
        return self.act("root", *said, "ISO15118-2")

    def certify(self, name: str) -> str:
        order, to = self.files / f"{name}.order", self.files / f"{name}.pem"
        return self.act("certify", "--order", str(order), "--to", str(to))

    def crl(self, name: str, *more: str, days: int = 90) -> bytes:
        to = self.files / name
        self.act("crl", "--days", str(days), "--to", str(to), *more)
        return to.read_bytes()


def offline_ca(*arguments: object) -> str:
    out = StringIO()
    call_command("offline_ca", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def root(desk: Desk, db: None) -> Authority:
    desk.root()
    offline_ca("add", desk.folder / "root.pem")
    return Authority.objects.get(name="Nordic V2G Root")


def ordered(desk: Desk, root: Authority, name: str, purpose: str) -> None:
    """Order, certify and hand in."""
    at = ("--root", root.name, "--purpose", purpose)
    told = offline_ca("order", desk.files / f"{name}.order", *at, "--name", name)
    shown = desk.certify(name)
    assert told.split()[-1] in shown  # both sides compare the same hash
    offline_ca("certificate", desk.files / f"{name}.pem")


def test_a_sub_ca_below_an_offline_root_issues_and_its_list_is_served(
    desk: Desk, root: Authority, client: Client
) -> None:
    address = f"/pki/crl/{root.uuid}.crl"
    assert client.get(address).status_code == 404
    assert vitals.crls().ended == (root.name,)
    first = desk.crl("first.crl")
    offline_ca("crl", desk.files / "first.crl", "--root", root.name)
    assert client.get(address).content == first
    assert vitals.crls().ended == ()
    ordered(desk, root, "Nordic MO Sub1", "MO")
    sub1 = Authority.objects.get(name="Nordic MO Sub1")
    assert (sub1.level, sub1.purpose, sub1.parent) == (1, "MO", root)
    assert sub1.certificate.extensions.ocsp_urls
    sub2 = pki.create_authority(
        actor=ACTOR, name="Nordic MO Sub2", purpose=Authority.Purpose.MO, parent=sub1
    )
    assert sub2.certificate.is_signed_by(sub1.certificate.public_key)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    told = {"add_offline_authority", "keep_crl", "order_authority", "keep_certificate"}
    assert {f"pki.{one}" for one in told} <= actions


def test_nothing_here_signs_for_the_root(desk: Desk, root: Authority) -> None:
    with pytest.raises(Invalid, match="is kept elsewhere"):
        pki.create_authority(actor=ACTOR, name="x", purpose=Authority.Purpose.MO, parent=root)
    assert pki.enqueue_due_crls() == 0
    assert pki.enqueue_due_responders() == 0
    pki.sign_crl_if_due(actor=ACTOR, authority=root.pk)
    assert PublishedCrl.objects.get().der is None


def test_ocsp_for_the_root_is_answered_by_a_responder_it_certified(
    desk: Desk, root: Authority
) -> None:
    ordered(desk, root, "Nordic CPO Sub1", "CPO")
    asked = Authority.objects.get(name="Nordic CPO Sub1").certificate
    request = ocsp.build_request(asked, issuer=root.certificate)
    now = datetime.now(UTC)
    assert answer_ocsp(request=request, at=now).der == bytes.fromhex("30030a0106")  # unauthorized
    ordered(desk, root, "Nordic OCSP", "OCSP")
    der = answer_ocsp(request=request, at=now).der
    found = ocsp.read_response(der, certificate=asked, issuer=root.certificate, at=now)
    assert found.status is Status.GOOD


def test_what_the_handed_in_list_revokes_is_revoked_here(desk: Desk, root: Authority) -> None:
    ordered(desk, root, "Nordic OEM Sub1", "OEM")
    ordered(desk, root, "Nordic CPS Sub1", "CPS")
    sub1, other = (Authority.objects.get(name=f"Nordic {one} Sub1") for one in ("OEM", "CPS"))
    desk.crl("first.crl")
    serial = sub1.certificate.serial_octets.hex()
    second = desk.crl("second.crl", "--revoke", f"{serial}:keyCompromise")
    offline_ca("crl", desk.files / "second.crl", "--root", root.name)
    sub1.refresh_from_db()
    assert not sub1.active
    row = IssuedCertificate.objects.get(serial=sub1.certificate.serial_octets)
    assert (row.state, row.reason) == ("revoked", "keyCompromise")
    served = PublishedCrl.objects.get(authority=root)
    assert (served.number, bytes(served.der or b"")) == (2, second)
    assert served.changes == served.covered
    with pytest.raises(CommandError, match="CRL 2 is served already"):
        offline_ca("crl", desk.files / "first.crl", "--root", root.name)
    # Revoked here first: the served list is behind until the root has signed another.
    gone = IssuedCertificate.objects.filter(serial=other.certificate.serial_octets)
    pki.revoke(actor=ACTOR, certificates=gone, reason=RevocationReason.CESSATION)
    assert vitals.crls().behind == (root.name,)
    third = desk.crl("third.crl", "--revoke", f"{other.certificate.serial:x}:cessationOfOperation")
    assert len(x509.load_der_x509_crl(third)) == 2
    offline_ca("crl", desk.files / "third.crl", "--root", root.name)
    assert vitals.crls().behind == ()


def test_a_list_that_ends_soon_or_ended_is_noticed(desk: Desk, root: Authority) -> None:
    desk.crl("first.crl", days=90)
    offline_ca("crl", desk.files / "first.crl", "--root", root.name)
    now = datetime.now(UTC)
    assert vitals.crls().behind == ()
    with time_machine.travel(now + timedelta(days=70), tick=False):
        assert vitals.crls().behind == (root.name,)
    with time_machine.travel(now + timedelta(days=91), tick=False):
        assert vitals.crls().ended == (root.name,)


def test_certificates_of_others_are_refused(desk: Desk, root: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Desk(folder)
    other.root()
    at = ("--root", root.name, "--purpose", "MO")
    offline_ca("order", desk.files / "MO.order", *at, "--name", "Nordic MO")
    with pytest.raises(CommandError, match="The order is for another root"):
        other.act("certify", "--order", str(desk.files / "MO.order"), "--to", str(folder / "x.pem"))
    with pytest.raises(CommandError, match="Nobody ordered this here"):
        offline_ca("certificate", other.folder / "root.pem")
    other.crl("their.crl")
    with pytest.raises(CommandError, match="The CRL does not count"):
        offline_ca("crl", folder / "their.crl", "--root", root.name)
    forged = json.loads((desk.files / "MO.order").read_text())
    forged["root"] = bundle.read_certificate((other.folder / "root.pem").read_bytes()).fingerprint
    (folder / "MO.order").write_text(json.dumps(forged | {"root": forged["root"].hex()}))
    other.certify("MO")
    with pytest.raises(CommandError, match="did not sign this certificate"):
        offline_ca("certificate", folder / "MO.pem")
    desk.certify("MO")
    with pytest.raises(CommandError, match="was signed before"):
        desk.act("certify", "--order", str(desk.files / "MO.order"), "--to", str(folder / "y.pem"))
    offline_ca("certificate", desk.files / "MO.pem")
    with pytest.raises(CommandError, match="was handed in before"):
        offline_ca("certificate", desk.files / "MO.pem")


def test_the_transcript_says_who_did_what_and_holds_only_unchanged(desk: Desk) -> None:
    said = desk.root()
    made = desk.crl("first.crl")
    assert "The transcript holds: 2 acts" in desk.act("show")
    path = desk.folder / "transcript.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["act"] for line in lines] == ["root", "crl"]
    assert lines[0]["who"] == ["Ada First", "Ben Second"]
    certificate = bundle.read_certificate((desk.folder / "root.pem").read_bytes())
    assert certificate.fingerprint.hex(":") in said
    assert lines[0]["sha256"]["root.pem"] == certificate.fingerprint.hex()
    assert lines[1]["sha256"]["first.crl"] == hashlib.sha256(made).hexdigest()
    whole = path.read_text()
    path.write_text(whole.replace("Ben Second", "Eve Third", 1))
    with pytest.raises(CommandError, match=r"Line 1 of transcript\.jsonl is not signed"):
        desk.act("show")
    path.write_text(whole.splitlines(keepends=True)[1])
    with pytest.raises(CommandError, match="does not follow"):
        desk.act("show")


def test_one_person_a_short_or_a_wrong_passphrase_are_refused(desk: Desk) -> None:
    with pytest.raises(CommandError, match="needs two persons"):
        desk.act(
            *("root", "--name", "x", "--organization", "y", "--generation", "ISO15118-20"),
            who=("Ada First", "ada first"),
        )
    desk.passphrase.write_text("short\n")
    with pytest.raises(CommandError, match="needs 20 characters"):
        desk.root()
    desk.passphrase.write_text("correct horse battery staple\n")
    desk.root()
    key = desk.folder / "root.key"
    assert key.stat().st_mode & 0o077 == 0
    assert b"ENCRYPTED" in key.read_bytes()
    desk.passphrase.write_text("wrong horse battery staple\n")
    with pytest.raises(CommandError, match="does not open"):
        desk.crl("first.crl")
    with pytest.raises(CommandError, match="overwrites nothing"):
        desk.root()


def test_staff_hand_in_certificates_and_lists_in_the_portal(desk: Desk, root: Authority) -> None:
    person = trust.operator_person()
    at = ("--root", root.name, "--purpose", "MO")
    offline_ca("order", desk.files / "MO.order", *at, "--name", "Nordic MO")
    desk.certify("MO")
    signed = (desk.files / "MO.pem").read_bytes()
    pki.keep_signed(actor=person, authority=root, octets=signed)
    assert Authority.objects.filter(name="Nordic MO", parent=root).exists()
    pki.keep_signed(actor=person, authority=root, octets=desk.crl("first.crl"))
    assert PublishedCrl.objects.get(authority=root).number == 1
    with pytest.raises(Invalid, match="The CRL does not count"):
        pki.keep_signed(actor=person, authority=root, octets=b"neither")
    editor = trust.operator_person(Right.EDITOR)
    with pytest.raises(Forbidden):
        pki.keep_signed(actor=editor, authority=root, octets=signed)
