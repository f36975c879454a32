"""The codec agrees with EXIficient, bit by bit, in both directions."""

import pytest

from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS, Vector
from v2g import exi
from v2g.exi.codec import decode_document, decode_fragment
from v2g.exi.schemas import SCHEMAS


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_the_json_form_encodes_to_the_octets_of_exificient(vector: Vector) -> None:
    assert exi.encode_json(vector.form, schema=vector.schema, kind=vector.kind) == vector.exi


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_the_octets_of_exificient_decode_to_the_json_form(vector: Vector) -> None:
    assert exi.decode_json(vector.exi, schema=vector.schema, kind=vector.kind) == vector.form


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_decoded_message_encodes_to_the_same_octets(vector: Vector) -> None:
    if vector.kind == "document":
        message = decode_document(vector.exi, SCHEMAS[vector.schema])
        assert exi.encode(message) == vector.exi
    else:
        element = decode_fragment(vector.exi, SCHEMAS[vector.schema])
        assert exi.encode_fragment(element) == vector.exi


def test_the_sample_holds_every_message_kind_and_schema() -> None:
    assert {vector.name for vector in ISO2_DOCUMENTS} == {
        "CertificateInstallationReq",
        "CertificateInstallationRes",
        "CertificateUpdateReq",
        "CertificateUpdateRes",
    }
    assert {vector.schema for vector in VECTORS} == set(SCHEMAS)
    assert {vector.name for vector in VECTORS if vector.kind == "fragment"} == {
        root.name for schema in SCHEMAS.values() for root in schema.fragments
    }


def test_the_worked_example_of_a_request() -> None:
    form = {
        "V2G_Message": {
            "Header": {"SessionID": "0102030405060708"},
            "Body": {
                "CertificateInstallationReq": {
                    "Id": "id1",
                    "OEMProvisioningCert": "AAAA",
                    "ListOfRootCertificateIDs": {
                        "RootCertificateID": [{"X509IssuerName": "A", "X509SerialNumber": 1}]
                    },
                }
            },
        }
    }
    stream = exi.encode_json(form, schema="urn:iso:15118:2:2013:MsgDef", kind="document")
    assert stream.hex() == "809802004080c1014181c210502b4b2188060000000034100110"
