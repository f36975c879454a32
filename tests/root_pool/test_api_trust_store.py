"""GET /v1/root/trustStore, which is ours, and the informative fields of roots."""

import subprocess
from typing import Any

import pytest

from apps.core.actor import Role
from apps.pki import locations
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from v2g.pki.bundle import read_bundle
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import OEM_ROOT, Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

PATH = "/v1/root/trustStore"
Type = RootCertificate.Type


@pytest.fixture
def caller() -> Caller:
    return Caller(parties.organization(roles=[Role.OEM]))


@pytest.fixture
def roots() -> dict[Type, Certificate]:
    made = {Type.V2G: Branch.V2G, Type.OEM: Branch.OEM}
    found = {}
    for kind, branch in made.items():
        holder = pki.make_root(branch, at=trust.now())
        trust.trusted_root(der=holder.der, root_type=kind)
        found[kind] = holder.certificate
    return found


@pytest.mark.parametrize(
    ("asked", "media_type", "name"),
    [
        ({}, "application/x-pem-file", "trust-store.pem"),
        ({"format": "PEM"}, "application/x-pem-file", "trust-store.pem"),
        ({"format": "p7b"}, "application/x-pkcs7-certificates", "trust-store.p7b"),
    ],
)
def test_all_trusted_roots_come_as_a_file(
    caller: Caller,
    roots: dict[Type, Certificate],
    asked: dict[str, str],
    media_type: str,
    name: str,
) -> None:
    answer = caller.get(PATH, asked)
    assert answer.status_code == 200
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert read_bundle(answer.content) == list(roots.values())


@pytest.mark.parametrize("file_format", ["pem", "p7b"])
@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_the_roots_of_one_type(
    roots: dict[Type, Certificate], role: Role, file_format: str
) -> None:
    caller = Caller(parties.organization(roles=[role]))
    answer = caller.get(PATH, {"format": file_format, "rootType": "v2g"})
    assert read_bundle(answer.content) == [roots[Type.V2G]]


@pytest.mark.parametrize(
    ("file_format", "command"),
    [
        ("pem", ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]),
        ("p7b", ["openssl", "pkcs7", "-inform", "DER", "-print_certs", "-noout"]),
    ],
)
def test_openssl_reads_the_files(
    caller: Caller, roots: dict[Type, Certificate], file_format: str, command: list[str]
) -> None:
    answer = caller.get(PATH, {"format": file_format, "rootType": "V2G"})
    run = subprocess.run(command, input=answer.content, capture_output=True, check=True)
    expected = {
        "pem": roots[Type.V2G].fingerprint.hex(":").upper(),
        "p7b": "Test V2G root",
    }
    assert expected[file_format] in run.stdout.decode()


@pytest.mark.usefixtures("roots")
@pytest.mark.parametrize(
    ("asked", "status", "text"),
    [
        ({"format": "jks"}, 400, "format : must be one of pem, p7b"),
        ({"rootType": "CPO"}, 400, "rootType : must be one of V2G, OEM, MO, PE"),
        ({"rootType": "MO"}, 404, "There is no trusted root certificate of this type."),
    ],
)
def test_what_cannot_be_had_is_refused(
    caller: Caller, asked: dict[str, str], status: int, text: str
) -> None:
    answer = caller.get(PATH, asked)
    assert answer.status_code == status
    assert messages(answer) == [text]


def test_without_a_token_it_is_401(client: Any) -> None:
    assert client.get(PATH).status_code == 401


def _crl_field(caller: Caller, row: RootCertificate) -> str:
    answer = caller.get(f"/v1/root/rootCerts/{row.uuid}").json()["RootResponse"]
    assert (answer["crossCertificatePair"], answer["labeledUri"]) == ("", "")
    found: str = answer["certificateRevocationList"]
    return found


def test_a_root_of_ours_names_where_its_crl_is(caller: Caller) -> None:
    made = trust.v2g_ecosystem(purposes=[])
    url = _crl_field(caller, made.root_row)
    assert url == locations.crl_url(made.root)
    assert caller.get(url).status_code == 200


def test_a_foreign_root_names_its_own_crl_or_none(caller: Caller) -> None:
    plain = pki.make_root(Branch.OEM, at=trust.now())
    draft = pki.draft_like(
        plain, OEM_ROOT, version=IsoVersion.ISO_2, crl_url="http://crl.test/root.crl"
    )
    speaking = pki.forge(draft, plain, plain.key)
    rows = [trust.trusted_root(der=der, root_type=Type.OEM) for der in (plain.der, speaking.der)]
    assert [_crl_field(caller, row) for row in rows] == ["", "http://crl.test/root.crl"]
