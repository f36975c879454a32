"""GET and PUT /v1/root/rootCerts."""

import base64
import hashlib
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.root_pool import selectors, services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

PATH = "/v1/root/rootCerts"
Type = RootCertificate.Type


@pytest.fixture
def operator() -> Caller:
    return Caller(trust.operator())


@pytest.fixture
def oem() -> Caller:
    return Caller(parties.organization(roles=[Role.OEM]))


def body(holder: pki.Holder, root_type: str = "OEM") -> dict[str, Any]:
    return {"caCertificate": base64.b64encode(holder.der).decode(), "rootType": root_type}


def make(branch: Branch = Branch.OEM, **more: Any) -> pki.Holder:
    return pki.make_root(branch, at=trust.now(), **more)


def test_every_role_reads_every_trusted_root_as_opcp_writes_it() -> None:
    holder = make(Branch.V2G)
    root = trust.trusted_root(der=holder.der, root_type=Type.V2G)
    services.submit(actor=trust.operator_person(), der=make().der, root_type=Type.OEM)
    certificate = holder.certificate
    key_identifier = certificate.extensions.subject_key_id or b""
    for role in Role:
        caller = Caller(parties.organization(roles=[role]))
        answer = caller.get(PATH)
        assert answer.status_code == 200
        assert answer.json() == {
            "RootCertificateCollection": {
                "rootCertificates": [
                    {
                        "rootCertificateId": str(root.uuid),
                        "distinguishedName": "CN=Test V2G root, DC=V2G, O=Test, C=DE",
                        "rootType": "V2G",
                        "caCertificate": base64.b64encode(holder.der).decode(),
                        "commonName": "Test V2G root",
                        "rootAuthorityKeyIdentifier": base64.b64encode(key_identifier).decode(),
                        "rootAuthorityKeyIdentifierHex": key_identifier.hex(":"),
                        "rootIssuerSerialNumber": certificate.serial_octets.hex(),
                        "validFrom": f"{certificate.not_before:%Y-%m-%dT%H:%M:%SZ}",
                        "validTo": f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}",
                        "organizationName": "Test",
                        "certificateRevocationList": "",
                        "crossCertificatePair": "",
                        "labeledUri": "",
                        "fingerprint": certificate.fingerprint.hex(),
                        "fingerprintSha1": hashlib.sha1(holder.der).hexdigest(),
                        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
                        "signatureAlgorithm": "secp256r1",
                    }
                ]
            }
        }


@pytest.mark.parametrize(
    ("asked", "found"),
    [("oem", {"OEM"}), ("V2G", {"V2G"}), ("Mo", set()), ("", {"OEM", "V2G"}), ("pe", set())],
)
def test_the_type_filters_in_any_case(oem: Caller, asked: str, found: set[str]) -> None:
    trust.trusted_root(der=make().der, root_type=Type.OEM)
    trust.trusted_root(der=make(Branch.V2G).der, root_type=Type.V2G)
    answer = oem.get(PATH, {"rootType": asked})
    rows = answer.json()["RootCertificateCollection"]["rootCertificates"]
    assert {row["rootType"] for row in rows} == found


def test_an_unknown_type_is_400(oem: Caller) -> None:
    answer = oem.get(PATH, {"rootType": "cpo"})
    assert answer.status_code == 400
    assert messages(answer) == ["rootType : must be one of V2G, OEM, MO, PE"]


def test_a_client_of_the_operator_submits_and_the_root_waits(operator: Caller) -> None:
    holder = make(version=IsoVersion.ISO_20)
    answer = operator.put(PATH, body(holder, "oem"))
    assert answer.status_code == 200
    assert answer.json()["status"] == "pending"
    assert answer.json()["fingerprint"] == holder.certificate.fingerprint.hex()
    assert holder.certificate not in selectors.anchors()
    assert RootCertificate.objects.get().state == "submitted"


@pytest.mark.parametrize("role", [Role.OEM, Role.MO, Role.CPO, Role.CPS])
def test_other_roles_submit_nothing_and_the_refusal_is_recorded(role: Role) -> None:
    caller = Caller(parties.organization(roles=[role]))
    answer = caller.put(PATH, body(make()))
    assert answer.status_code == 403
    assert not RootCertificate.objects.exists()
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.actor_id) == ("rcp.write", caller.known.client_id)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"caCertificate": None}, "Invalid certificate format on caCertificate"),
        ({"caCertificate": "?"}, "Invalid certificate format on caCertificate"),
        ({"caCertificate": 5}, "Invalid certificate format on caCertificate"),
        ({"caCertificate": "QUJD"}, "Invalid certificate format on caCertificate"),
        ({"caCertificate": "A" * 8000}, "Invalid certificate format on caCertificate"),
        ({"caCertificate": "\u00e9"}, "Invalid certificate format on caCertificate"),
        ({"rootType": "CPO"}, "rootType : must be one of V2G, OEM, MO, PE"),
        ({"rootType": None}, "rootType : must be one of V2G, OEM, MO, PE"),
        ({"rootType": ["OEM"]}, "rootType : must be one of V2G, OEM, MO, PE"),
    ],
)
def test_a_malformed_submission_is_400(operator: Caller, change: dict[str, Any], text: str) -> None:
    answer = operator.put(PATH, {**body(make()), **change})
    assert answer.status_code == 400
    assert messages(answer) == [text]
    assert not RootCertificate.objects.exists()


def test_a_repeated_submission_is_answered_like_the_first(operator: Caller) -> None:
    holder = make()
    first = operator.put(PATH, body(holder))
    again = operator.put(PATH, body(holder))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert RootCertificate.objects.count() == 1


def test_a_root_that_is_trusted_already_is_400(operator: Caller) -> None:
    holder = make()
    operator.put(PATH, body(holder))
    RootCertificate.objects.update(state=RootCertificate.State.TRUSTED)
    answer = operator.put(PATH, body(holder))
    assert answer.status_code == 400
    assert messages(answer) == ["This root certificate is already in the pool."]


def test_unknown_fields_are_ignored(operator: Caller) -> None:
    answer = operator.put(PATH, {**body(make()), "labeledUri": "x", "fingerprint": 7})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        ("<root/>", "application/xml", 415),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('"x"', "application/json", 400),
        ('{"caCertificate": "' + "A" * 1_000_001 + '"}', "application/json", 413),
    ],
)
def test_bodies_that_are_no_json_object_of_bounded_size_are_refused(
    operator: Caller, content: str, content_type: str, status: int
) -> None:
    answer = operator.put(PATH, content, content_type=content_type)
    assert answer.status_code == status
    assert messages(answer)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_other_methods_are_405(operator: Caller, method: str) -> None:
    assert operator.call(method, PATH).status_code == 405


def test_without_a_token_nothing_is_read_or_written(client: Any) -> None:
    assert client.get(PATH).status_code == 401
    assert client.put(PATH, {}, content_type="application/json").status_code == 401
