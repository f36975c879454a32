"""PUT /v1/oem/provCerts."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.participants import services as participants
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from tests.factories.parties import SYSTEM
from tests.provisioning_pool.bodies import publication, text
from v2g.pki.builder import Subject
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

PATH = "/v1/oem/provCerts"


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


@pytest.fixture
def backend() -> Caller:
    return Caller(parties.organization(wmis=["WVW"]))


@pytest.fixture
def leaf(oem: trust.OemPki) -> pki.Holder:
    return pki.make_leaf(oem.pki, trust.pcid())


@pytest.fixture
def body(oem: trust.OemPki, leaf: pki.Holder) -> dict[str, Any]:
    return publication(trust.chain_of(leaf, oem.pki))


def test_an_oem_publishes_and_reads_back_what_the_pool_holds(
    backend: Caller, oem: trust.OemPki, leaf: pki.Holder, body: dict[str, Any]
) -> None:
    root = oem.pki.root.certificate
    extra = {
        "v2gRootAuthorityKeyIdentifiers": ["45:B8:40:9e", "45b8409e", "4b:45"],
        "previousPcid": "WVWGONE0000000001",
        "somethingElse": {"ignored": True},
    }
    answer = backend.put(PATH, body | extra)
    assert answer.status_code == 200
    assert answer.json() == {
        "subCA1Certificate": text(oem.pki.sub1.der),
        "subCA2Certificate": text(oem.pki.sub2.der),
        "vehicleCertificate": text(leaf.der),
        "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
        "rootIssuerDistinguishedName": "CN=Test OEM root, DC=OEM, O=Test, C=DE",
        "rootIssuerSerialNumber": root.serial_octets.hex(),
        "rootAuthorityKeyIdentifier": (root.extensions.subject_key_id or b"").hex(":"),
        "fingerprint": leaf.certificate.fingerprint.hex(),
        "v2gRootAuthorityKeyIdentifiers": ["45:b8:40:9e", "4b:45"],
        "previousPcid": "WVWGONE0000000001",
    }


def test_the_newer_spellings_of_the_fields_are_read_and_the_namespace_is_optional(
    backend: Caller, oem: trust.OemPki, leaf: pki.Holder
) -> None:
    answer = backend.put(
        PATH,
        {
            "provisioningCertificate": text(leaf.der),
            "subCa1Certificate": text(oem.pki.sub1.der),
            "subCa2Certificate": text(oem.pki.sub2.der),
        },
    )
    assert answer.status_code == 200
    assert answer.json()["xsdMsgDefNamespace"] == "urn:iso:15118:2:2013:MsgDef"


@pytest.mark.parametrize(
    "namespace",
    [
        "urn:iso:15118:20:2020:MsgDef",
        "urn:iso:15118:20:2022:MsgDef",
        "urn:iso:std:iso:15118:-20:CommonMessages",
    ],
)
def test_iso_15118_20_is_read_in_every_spelling_and_written_in_one(
    backend: Caller, namespace: str
) -> None:
    newer = trust.oem_pki(version=IsoVersion.ISO_20)
    leaf = pki.make_leaf(newer.pki, trust.pcid())
    body = publication(trust.chain_of(leaf, newer.pki), xsdMsgDefNamespace=namespace)
    answer = backend.put(PATH, body)
    assert answer.status_code == 200
    assert answer.json()["xsdMsgDefNamespace"] == "urn:iso:15118:20:2022:MsgDef"


def test_base64_may_have_line_breaks(backend: Caller, body: dict[str, Any]) -> None:
    vehicle = body["vehicleCertificate"]
    wrapped = "\r\n".join(vehicle[start : start + 64] for start in range(0, len(vehicle), 64))
    assert backend.put(PATH, body | {"vehicleCertificate": wrapped}).status_code == 200


VEHICLE = "Invalid certificate format on vehicleCertificate"
NO_CHARACTER = "The request body holds half a surrogate pair, which is no character."
SUB1 = "Invalid certificate format on subCa1Certificate"
SUB2 = "Invalid certificate format on subCa2Certificate"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vehicleCertificate": None}, VEHICLE),
        ({"vehicleCertificate": ""}, VEHICLE),
        ({"vehicleCertificate": 7}, VEHICLE),
        ({"vehicleCertificate": "%%%"}, VEHICLE),
        ({"vehicleCertificate": "QUJD"}, VEHICLE),
        ({"vehicleCertificate": "A" * 5000}, VEHICLE),
        ({"vehicleCertificate": "\u00e9"}, VEHICLE),
        ({"vehicleCertificate": "\u00e9\ud800"}, NO_CHARACTER),
        ({"subCA1Certificate": None}, SUB1),
        ({"subCA1Certificate": ["QUJD"]}, SUB1),
        ({"subCA2Certificate": "QUJD"}, SUB2),
        ({"subCA2Certificate": {}}, SUB2),
    ],
)
def test_a_malformed_certificate_is_400_with_opcps_text(
    backend: Caller, body: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    answer = backend.put(PATH, body | change)
    assert answer.status_code == 400
    assert messages(answer) == [message]
    assert not ProvisioningCertificate.objects.exists()
    assert AuditEvent.objects.get(result="refused").action == "pcp.publish"


@pytest.mark.parametrize(
    "change",
    [
        {"xsdMsgDefNamespace": "urn:other"},
        {"xsdMsgDefNamespace": 20},
        {"v2gRootAuthorityKeyIdentifiers": "45:b8"},
        {"v2gRootAuthorityKeyIdentifiers": ["xx"]},
        {"v2gRootAuthorityKeyIdentifiers": [None]},
        {"v2gRootAuthorityKeyIdentifiers": ["45:b8:"]},
        {"v2gRootAuthorityKeyIdentifiers": ["00" * 65]},
        {"v2gRootAuthorityKeyIdentifiers": ["00"] * 51},
        {"previousPcid": "short"},
        {"previousPcid": 5},
        {"previousPcid": ""},
    ],
)
def test_other_malformed_fields_are_400_and_named(
    backend: Caller, body: dict[str, Any], change: dict[str, Any]
) -> None:
    answer = backend.put(PATH, body | change)
    assert answer.status_code == 400
    assert messages(answer)[0].startswith(next(iter(change)))
    assert not ProvisioningCertificate.objects.exists()


def test_a_name_that_is_no_pcid_is_400_with_opcps_text(backend: Caller, oem: trust.OemPki) -> None:
    subject = Subject("not a PCID", "Test", "DE")
    nameless = pki.draft_like(pki.make_leaf(oem.pki), OEM_LEAF, subject=subject)
    der = pki.forge(nameless, oem.pki.sub2, oem.pki.sub2.key).der
    chain = Chain(vehicle=der, sub2=oem.pki.sub2.der, sub1=oem.pki.sub1.der)
    answer = backend.put(PATH, publication(chain))
    assert answer.status_code == 400
    assert messages(answer) == ['pcid : must match "^[a-zA-Z0-9]{17,18}$"']


def test_another_oems_wmi_is_403_and_recorded(body: dict[str, Any]) -> None:
    other = Caller(parties.organization(wmis=["WDD"]))
    answer = other.put(PATH, body)
    assert answer.status_code == 403
    assert not ProvisioningCertificate.objects.exists()
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.detail["code"]) == ("pcp.publish", "foreign_wmi")
    assert event.organization_id == other.organization.pk


@pytest.mark.parametrize("role", [Role.MO, Role.CPO, Role.CPS, Role.OPERATOR])
def test_other_roles_are_403(body: dict[str, Any], role: Role) -> None:
    assert Caller(parties.organization(roles=[role])).put(PATH, body).status_code == 403
    assert not ProvisioningCertificate.objects.exists()


def test_a_disabled_client_publishes_nothing(backend: Caller, body: dict[str, Any]) -> None:
    participants.set_client_enabled(actor=SYSTEM, client=backend.known, enabled=False)
    assert backend.put(PATH, body).status_code in (401, 403)
    assert not ProvisioningCertificate.objects.exists()


@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "multipart/form-data"])
def test_other_media_types_are_415(backend: Caller, content_type: str) -> None:
    answer = backend.put(PATH, "x", content_type=content_type)
    assert answer.status_code == 415
    assert messages(answer)


def test_an_oversize_body_is_413(backend: Caller, body: dict[str, Any]) -> None:
    answer = backend.put(PATH, body | {"padding": "x" * 1_000_000})
    assert answer.status_code == 413
    assert not ProvisioningCertificate.objects.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"a":' * 50 + "1" + "}" * 50])
def test_what_is_no_json_object_is_400(backend: Caller, content: str) -> None:
    answer = backend.put(PATH, content)
    assert answer.status_code == 400
    assert messages(answer)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_other_methods_are_405(backend: Caller, method: str) -> None:
    assert backend.call(method, PATH).status_code == 405


def test_without_a_token_nothing_is_published(client: Any, body: dict[str, Any]) -> None:
    assert client.put(PATH, body, content_type="application/json").status_code == 401
    assert not ProvisioningCertificate.objects.exists()
