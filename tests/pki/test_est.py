"""EST: what each label issues, to whom, under every form of its URL, and what it refuses."""

import base64
from itertools import product

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client, RequestFactory
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.participants import services as participants
from apps.participants.api import credentials
from apps.pki import kept, selectors
from apps.pki.api.urls import urlpatterns
from apps.pki.labels import LABELS
from apps.pki.models import IssuedCertificate
from config.middleware import for_machines
from tests.factories import parties, pki, trust
from tests.factories.trust import Ecosystem, Purpose
from tests.pki.enrolment import FOREIGN, NAMES, certificates_in, csr, party, party_for, refusal
from tests.pki.published import revoke
from v2g.ids import Emaid
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import check_chain
from v2g.pki.csr_attributes import csr_attributes
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

ISSUED = ["cpo", "mo", "emsp", "oem", "veh"]
ROLE_OF = {
    "cpo": Role.CPO,
    "mo": Role.MO,
    "emsp": Role.MO,
    "oem": Role.OEM,
    "veh": Role.OEM,
    "cps": Role.CPS,
}


@pytest.fixture
def iso_2() -> Ecosystem:
    return trust.v2g_ecosystem()


@pytest.fixture
def iso_20() -> Ecosystem:
    return trust.v2g_ecosystem(version=IsoVersion.ISO_20)


def _key(label: str) -> ec.EllipticCurvePrivateKey:
    version = IsoVersion.ISO_20 if label == "veh" else IsoVersion.ISO_2
    return pki.make_key(f"enrolled {label}", version)


@pytest.mark.parametrize("label", ISSUED)
def test_each_label_issues_its_certificate_to_the_owner_of_the_name(
    iso_2: Ecosystem, iso_20: Ecosystem, label: str
) -> None:
    caller, key = party_for(label), _key(label)
    answer = caller.post(f"/.well-known/est/{label}/simpleenroll", csr(NAMES[label], key=key))
    (leaf,) = certificates_in(answer)
    kind = LABELS[label]
    ecosystem = iso_20 if label == "veh" else iso_2
    assert leaf.common_name == NAMES[label]
    assert leaf.subject.values("O") == (caller.organization.name,)
    assert leaf.public_key == key.public_key()
    assert not leaf.extensions.is_ca
    check_chain(
        leaf,
        ecosystem.chain(kind.purpose),
        Anchors([Anchor(ecosystem.root.certificate, RootKind.V2G)]),
        profile=kind.profile,
        version=IsoVersion.ISO_20 if label == "veh" else IsoVersion.ISO_2,
        at=trust.now(),
    )
    row = IssuedCertificate.objects.get(fingerprint=leaf.fingerprint)
    assert row.owner == caller.organization
    event = AuditEvent.objects.get(action="pki.issue", actor_id=caller.client.client_id)
    assert event.target_id == leaf.fingerprint.hex()


@pytest.mark.parametrize(("label", "role"), list(product(NAMES, Role)))
def test_a_label_is_for_its_role_alone(iso_2: Ecosystem, label: str, role: Role) -> None:
    owner = party(roles=list(Role), wmis=["WVW"], provider_ids=["DE8AA"], operator_ids=["DEICE"])
    client, secret = parties.client(organization=owner.organization, roles=[role])
    caller = type(owner)(owner.organization, client, secret)
    answer = caller.post(f"/est/{label}/simpleenroll", csr(NAMES[label]))
    if role is not ROLE_OF[label]:
        assert refusal(answer, 403) == "Your roles do not include this operation."
        assert not IssuedCertificate.objects.filter(owner=owner.organization).exists()
    else:
        assert answer.status_code != 403


@pytest.mark.parametrize("label", FOREIGN)
def test_a_foreign_name_is_refused_and_the_refusal_recorded(iso_2: Ecosystem, label: str) -> None:
    caller = party_for(label)
    answer = caller.post(f"/est/{label}/simpleenroll", csr(FOREIGN[label], key=_key(label)))
    assert "not belong to your organisation" in refusal(answer, 403)
    event = AuditEvent.objects.get(action="pki.enrol", actor_id=caller.client.client_id)
    assert event.result == AuditEvent.Result.REFUSED
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()


FORMS = [
    before + label + "/{operation}" + after
    for before, label, after in product(
        ["/", "/est/", "/.well-known/", "/.well-known/est/"],
        ["cpo", "v2g-cpo", "My_CA1-cpo", "cpo/.well-known/est"],
        ["", "/", "/ISO15118-2", "/ISO15118-2/secp256r1", "/iso15118-2/secp256r1/", "/secp256r1"],
    )
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_url_leads_to_the_operation_without_session_or_cookies(form: str) -> None:
    names = {"simpleenroll", "simplereenroll", "cacerts", "csrattrs"}
    for operation in names:
        path = form.format(operation=operation)
        assert for_machines(RequestFactory().get(path))
        matching = [route for route in urlpatterns if route.resolve(path[1:])]
        assert len(matching) == 1


def test_the_forms_of_the_url_answer(iso_2: Ecosystem) -> None:
    caller = party_for("cpo")
    first = caller.get("/.well-known/est/cpo/cacerts").content
    for form in ("/cpo/cacerts/", "/est/x-cpo/cacerts/ISO15118-2/", "/.well-known/cpo/cacerts"):
        assert caller.get(form).content == first


def test_strongswan_whose_form_of_the_url_it_is_gets_base64_in_one_line(iso_2: Ecosystem) -> None:
    caller = party_for("cpo")
    first = caller.get("/.well-known/est/cpo/cacerts").content
    for url in ("/cpo", "/.well-known/est/cpo"):
        answer = caller.get(f"{url}/.well-known/est/cacerts")
        assert answer.content == first.replace(b"\n", b"") + b"\n"


@pytest.mark.parametrize(
    "path", ["/foo/simpleenroll", "/est/cpo-x/simpleenroll", "/est/cpo/simpleenroll/a/b/c"]
)
def test_other_urls_are_not_est(path: str) -> None:
    assert party_for("cpo").post(path, csr(NAMES["cpo"])).status_code == 404


@pytest.mark.parametrize(
    ("tail", "version"),
    [
        ("", IsoVersion.ISO_2),
        ("/ISO15118-20", IsoVersion.ISO_20),
        ("/ISO15118-20/secp521r1/", IsoVersion.ISO_20),
        ("/secp521r1", IsoVersion.ISO_20),
        ("?xsdMsgDefNamespace=urn:iso:15118:20:2020:MsgDef", IsoVersion.ISO_20),
        ("?xsdMsgDefNamespace=urn:iso:15118:2:2013:MsgDef", IsoVersion.ISO_2),
    ],
)
def test_the_version_is_said_by_path_or_namespace(
    iso_2: Ecosystem, iso_20: Ecosystem, tail: str, version: IsoVersion
) -> None:
    ecosystem = iso_2 if version is IsoVersion.ISO_2 else iso_20
    got = certificates_in(party_for("oem").get(f"/est/oem/cacerts{tail}"))
    assert got == selectors.path_of(ecosystem.sub2[Purpose.OEM])


@pytest.mark.parametrize(
    "tail",
    [
        "/ISO15118-3",
        "/ed448",
        "/ISO15118-2/secp521r1",
        "/ISO15118-20/secp256r1",
        "/ISO15118-2?xsdMsgDefNamespace=urn:iso:15118:20:2022:MsgDef",
        "?xsdMsgDefNamespace=other",
    ],
)
def test_a_version_that_is_unknown_or_contradicts_itself_is_400(tail: str) -> None:
    refusal(party_for("oem").get(f"/est/oem/cacerts{tail}"), 400)


def test_a_vehicle_certificate_is_of_the_newer_version_only(iso_20: Ecosystem) -> None:
    caller = party_for("veh")
    refusal(caller.get("/est/veh/cacerts/ISO15118-2"), 400)
    assert certificates_in(caller.get("/est/veh/cacerts")) == selectors.path_of(
        iso_20.sub2[Purpose.OEM]
    )


def test_without_an_authority_for_the_version_it_is_unavailable(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    assert "OEM" in refusal(caller.get("/est/oem/cacerts/ISO15118-20"), 503)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_ca_certificates_sub2_first_and_root_last(
    iso_2: Ecosystem, role: Role
) -> None:
    caller = party(roles=[role])
    for label in ("cpo", "mo", "emsp", "oem", "cps"):
        sub2 = iso_2.sub2[LABELS[label].purpose]
        got = certificates_in(caller.get(f"/est/{label}/cacerts"))
        assert got == [sub2.certificate, *iso_2.chain(LABELS[label].purpose)[1:], got[-1]]
        assert got[-1] == iso_2.root.certificate


def test_csrattrs_names_key_curve_and_hash() -> None:
    caller = party_for("cpo")
    for tail, version in (("", IsoVersion.ISO_2), ("/ISO15118-20", IsoVersion.ISO_20)):
        answer = caller.get(f"/est/cpo/csrattrs{tail}")
        assert answer["Content-Type"] == "application/csrattrs"
        assert base64.b64decode(answer.content) == csr_attributes(version)


def test_the_request_may_come_as_pem_der_or_base64(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    der = csr(NAMES["oem"])
    pem = csr(NAMES["oem"], form=Encoding.PEM)
    for body in (der, pem, base64.b64encode(der), base64.encodebytes(der)):
        answer = caller.post("/est/oem/simpleenroll", body, Accept="text/html")
        assert certificates_in(answer)[0].common_name == NAMES["oem"]


def _broken() -> bytes:
    der = csr(NAMES["oem"])
    return der[:-1] + bytes([der[-1] ^ 1])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "cannot be read"),
        (b"rubbish", "cannot be read"),
        (b"0" * 20_000, "over 16 KB"),
        (_broken(), "not signed with its own key"),
        (csr(None), "exactly one common name"),
        (csr("WVW"), "PCID expected"),
        (csr("DE*ICE*E45B*78C"), "PCID expected"),
        (csr(NAMES["oem"], key=pki.make_key("x", IsoVersion.ISO_20)), "secp256r1"),
        (csr(NAMES["oem"], key=ec.generate_private_key(ec.SECP384R1())), "secp256r1"),
        (csr(NAMES["oem"], key=rsa.generate_private_key(65537, 2048)), "no key on a curve"),
        (b"-----BEGIN EC PRIVATE KEY-----\n", "private key"),
    ],
    ids=[
        "empty",
        "rubbish",
        "too large",
        "signature",
        "no CN",
        "no PCID",
        "EVSEID",
        "P-521",
        "P-384",
        "RSA",
        "private key",
    ],
)
def test_a_request_that_cannot_be_used_is_400_and_leaves_nothing(
    iso_2: Ecosystem, body: bytes, text: str
) -> None:
    caller = party_for("oem")
    assert text in refusal(caller.post("/est/oem/simpleenroll", body), 400)
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()


@pytest.mark.parametrize("label", ["cpo", "mo", "oem", "veh"])
def test_a_key_of_the_other_version_is_400(iso_2: Ecosystem, iso_20: Ecosystem, label: str) -> None:
    caller = party_for(label)
    keys = {version: pki.make_key(f"for {version.name}", version) for version in IsoVersion}
    for version, other in ((IsoVersion.ISO_20, IsoVersion.ISO_2), tuple(IsoVersion)):
        if LABELS[label].only_version not in (None, version):
            continue
        path = f"/est/{label}/simpleenroll/{version.curve.name}"
        answer = caller.post(path, csr(NAMES[label], key=keys[other]))
        assert version.curve.name in refusal(answer, 400)
        assert certificates_in(caller.post(path, csr(NAMES[label], key=keys[version])))


@pytest.mark.parametrize("label", ["mo", "emsp"])
def test_a_wrong_check_digit_is_400_where_the_setting_asks_for_it(
    iso_2: Ecosystem, settings: Settings, label: str
) -> None:
    caller, right = party_for(label), Emaid.parse(NAMES[label]).with_check_digit
    without = right.key
    wrong = f"{without}{'A' if right.check_digit != 'A' else 'B'}"
    settings.EMAID_CHECK_DIGIT_REQUIRED = True
    answer = caller.post(f"/est/{label}/simpleenroll", csr(wrong))
    assert f"must be {right.check_digit}" in refusal(answer, 400)
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()
    for name in (without, str(right)):
        assert certificates_in(caller.post(f"/est/{label}/simpleenroll", csr(name)))
    settings.EMAID_CHECK_DIGIT_REQUIRED = False
    assert certificates_in(caller.post(f"/est/{label}/simpleenroll", csr(wrong)))


def test_a_name_over_64_characters_is_400(iso_2: Ecosystem) -> None:
    name = "DE*ICE*E" + "1*" * 29
    assert len(name) == 66
    key = pki.make_key("enrolled")
    long = _csr_with_long_name(name, key)
    answer = party_for("cpo").post("/est/cpo/simpleenroll", long)
    assert "64 characters" in refusal(answer, 400)


def _csr_with_long_name(name: str, key: ec.EllipticCurvePrivateKey) -> bytes:
    attribute = x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False)
    built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([attribute]))
    return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_basic_credentials_do_as_well_in_any_case(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    for scheme in ("Basic", "bAsIc"):
        answer = caller.post(
            "/est/oem/simpleenroll", csr(NAMES["oem"]), Authorization=f"{scheme} {caller.basic}"
        )
        assert len(certificates_in(answer)) == 1


def test_credentials_that_do_not_hold_are_401(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    wrong = base64.b64encode(f"{caller.client.client_id}:wrong".encode()).decode()
    nobody = base64.b64encode(b"nobody:wrong").decode()
    empty = base64.b64encode(f"{caller.client.client_id}:".encode()).decode()
    for given in (
        "",
        "Bearer",
        "Bearer x.y.z",
        f"Basic {wrong}",
        f"Basic {nobody}",
        f"Basic {empty}",
        "Basic !",
        "Digest a=b",
    ):
        answer = Client().post(
            "/est/oem/simpleenroll",
            csr(NAMES["oem"]),
            content_type="application/pkcs10",
            headers={"Authorization": given},
        )
        refusal(answer, 401)
        assert "Basic" in answer["WWW-Authenticate"]
    recorded = AuditEvent.objects.filter(action="participants.authenticate")
    assert recorded.count() == 2
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()


def test_a_disabled_client_is_401_with_token_and_with_secret(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    token, basic = f"Bearer {caller.token}", f"Basic {caller.basic}"
    participants.set_client_enabled(actor=parties.SYSTEM, client=caller.client, enabled=False)
    for given in (token, basic):
        answer = Client().get("/est/oem/cacerts", headers={"Authorization": given})
        refusal(answer, 401)


def test_wrong_secrets_are_counted_by_address(
    iso_2: Ecosystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "WRONG_PER_ADDRESS", 2)
    wrong = "Basic " + base64.b64encode(b"nobody:wrong").decode()
    statuses = [
        Client().get("/est/oem/cacerts", headers={"Authorization": wrong}).status_code
        for _ in range(3)
    ]
    assert statuses == [401, 401, 429]


def test_another_method_is_405(iso_2: Ecosystem) -> None:
    caller = party_for("oem")
    assert caller.get("/est/oem/simpleenroll").status_code == 405
    assert caller.post("/est/oem/cacerts", b"").status_code == 405


def test_a_revoked_authority_issues_no_more_once_what_was_read_is_old(
    iso_2: Ecosystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = party_for("oem")
    certificates_in(caller.post("/est/oem/simpleenroll", csr(NAMES["oem"])))
    sub2 = IssuedCertificate.objects.get(fingerprint=iso_2.sub2[Purpose.OEM].fingerprint)
    revoke(sub2)
    monkeypatch.setattr(kept, "MAX_AGE_S", 0.0)
    refusal(caller.post("/est/oem/simpleenroll", csr(NAMES["oem"])), 503)
