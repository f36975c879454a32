"""What encoding refuses, and what every declared type can carry."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS
from v2g import exi, xml
from v2g.errors import ExiError
from v2g.exi.codec import decode_document, decode_fragment
from v2g.exi.schemas import ISO_2, ISO_20, SCHEMAS
from v2g.messages import iso2, iso20
from v2g.messages.xmldsig import X509IssuerSerial
from v2g.protocol import IsoVersion

REQUEST = next(v for v in ISO2_DOCUMENTS if v.name == "CertificateInstallationReq")
RESPONSE = next(v for v in ISO2_DOCUMENTS if v.name == "CertificateUpdateRes")

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff"),
    max_size=300,
)
BINARY = st.binary(max_size=400)
SERIALS = st.integers(-(1 << 200), 1 << 200)
ROOTS = st.builds(X509IssuerSerial, issuer_name=TEXT, serial_number=SERIALS)
CHAINS = st.builds(
    iso2.CertificateChain,
    id=st.none() | TEXT,
    certificate=BINARY,
    sub_certificates=st.none()
    | st.builds(
        iso2.SubCertificates, certificate=st.lists(BINARY, min_size=1, max_size=4).map(tuple)
    ),
)
HEADERS = st.builds(
    iso2.MessageHeader,
    session_id=st.binary(max_size=8),
    notification=st.none()
    | st.builds(
        iso2.Notification, fault_code=st.sampled_from(iso2.FaultCode), fault_msg=st.none() | TEXT
    ),
    signature=st.none(),
)
LISTS = st.builds(
    iso2.ListOfRootCertificateIDs, root_certificate_id=st.lists(ROOTS, max_size=20).map(tuple)
)
CONTENT: dict[str, Any] = {
    "response_code": st.sampled_from(iso2.ResponseCode),
    "sa_provisioning_certificate_chain": CHAINS,
    "contract_signature_cert_chain": CHAINS,
    "contract_signature_encrypted_private_key": st.builds(
        iso2.ContractSignatureEncryptedPrivateKey, id=TEXT, value=BINARY
    ),
    "dh_publickey": st.builds(iso2.DiffieHellmanPublickey, id=TEXT, value=BINARY),
    "emaid": st.builds(iso2.EMAID, id=TEXT, value=TEXT),
}
BODIES = st.one_of(
    st.builds(
        iso2.CertificateInstallationReq,
        id=TEXT,
        oem_provisioning_cert=BINARY,
        list_of_root_certificate_ids=LISTS,
    ),
    st.builds(
        iso2.CertificateUpdateReq,
        id=TEXT,
        contract_signature_cert_chain=CHAINS,
        emaid=TEXT,
        list_of_root_certificate_ids=LISTS,
    ),
    st.builds(iso2.CertificateInstallationRes, **CONTENT),
    st.builds(
        iso2.CertificateUpdateRes,
        **CONTENT,
        retry_counter=st.none() | st.integers(-(1 << 15), (1 << 15) - 1),
    ),
)
MESSAGES = st.builds(iso2.V2GMessage, header=HEADERS, body=BODIES)


def _with_body(message: iso2.V2GMessage, **changes: Any) -> iso2.V2GMessage:
    return replace(message, body=replace(message.body, **changes))


@settings(max_examples=150)
@given(message=MESSAGES)
def test_any_message_survives_exi_json_and_xml(message: iso2.V2GMessage) -> None:
    stream = exi.encode(message)
    assert exi.decode(stream) == message
    form = exi.decode_json(stream, schema=ISO_2.urn)
    assert exi.encode_json(form, schema=ISO_2.urn) == stream
    assert xml.read(xml.write(message), iso2.V2GMessage) == message


@given(element=st.builds(iso2.EMAID, id=TEXT, value=TEXT))
def test_any_emaid_survives_the_relaxed_grammar_of_its_fragment(element: iso2.EMAID) -> None:
    assert decode_fragment(exi.encode_fragment(element), ISO_2) == element


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16383, 16384, 20000])
def test_lengths_around_the_steps_of_their_coding(size: int) -> None:
    key = iso2.DiffieHellmanPublickey(id="x" * size, value=bytes(size))
    assert decode_fragment(exi.encode_fragment(key), ISO_2) == key


def test_the_versions_are_told_apart() -> None:
    document = next(v for v in VECTORS if v.kind == "document" and v.schema == ISO_20.urn)
    message = exi.decode(document.exi, IsoVersion.ISO_20)
    assert isinstance(message, iso20.CertificateInstallationReq | iso20.CertificateInstallationRes)
    with pytest.raises(ExiError, match="not read here"):
        exi.decode(document.exi)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": b"id1"},
        {"id": "\x00"},
        {"id": "\ud800"},
        {"oem_provisioning_cert": "text"},
        {"oem_provisioning_cert": None},
        {"list_of_root_certificate_ids": None},
        {"list_of_root_certificate_ids": iso2.SubCertificates(certificate=())},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_with_its_place(wrong: dict[str, Any]) -> None:
    message = exi.decode(REQUEST.exi)
    with pytest.raises(ExiError) as caught:
        exi.encode(_with_body(message, **wrong))
    assert caught.value.path[0] == "V2G_Message"
    assert "CertificateInstallationReqType" in caught.value.path


@pytest.mark.parametrize("wrong", [{"id": None}, {"id": b"id"}, {"value": None}, {"value": b""}])
@pytest.mark.parametrize(
    "element",
    [
        iso2.EMAID(id="id4", value="DE8AACA2B3C4D5"),
        iso2.DiffieHellmanPublickey(id="id3", value=bytes(65)),
    ],
)
def test_a_signed_element_of_another_type_is_refused(element: Any, wrong: dict[str, Any]) -> None:
    if isinstance(element.value, bytes) and "value" in wrong:
        wrong = {"value": "" if wrong["value"] == b"" else None}
    with pytest.raises(ExiError, match="declared type"):
        exi.encode_fragment(replace(element, **wrong))


def test_more_occurrences_than_the_schema_allows_are_refused() -> None:
    chain = iso2.CertificateChain(
        certificate=b"\x00", sub_certificates=iso2.SubCertificates(certificate=(b"\x00",) * 5)
    )
    with pytest.raises(ExiError, match="more than 4"):
        exi.encode_fragment(chain)
    message = exi.decode(REQUEST.exi)
    root = X509IssuerSerial(issuer_name="CN=root", serial_number=1)
    roots = iso2.ListOfRootCertificateIDs(root_certificate_id=(root,) * 21)
    with pytest.raises(ExiError, match="more than 20"):
        exi.encode(_with_body(message, list_of_root_certificate_ids=roots))


@pytest.mark.parametrize("counter", [1 << 15, -(1 << 15) - 1])
def test_a_retry_counter_beyond_16_bits_is_refused(counter: int) -> None:
    message = exi.decode(RESPONSE.exi)
    with pytest.raises(ExiError, match="xs:short"):
        exi.encode(_with_body(message, retry_counter=counter))


@pytest.mark.parametrize("serial", [1 << 448, -(1 << 448) - 1])
def test_a_serial_number_without_end_is_refused(serial: int) -> None:
    roots = iso2.ListOfRootCertificateIDs(
        root_certificate_id=(X509IssuerSerial(issuer_name="CN", serial_number=serial),)
    )
    message = exi.decode(REQUEST.exi)
    with pytest.raises(ExiError, match="448 bits"):
        exi.encode(_with_body(message, list_of_root_certificate_ids=roots))


def _installation_data() -> iso20.SignedInstallationData:
    vector = next(v for v in VECTORS if v.name == "SignedInstallationData")
    data = decode_fragment(vector.exi, SCHEMAS[vector.schema])
    assert isinstance(data, iso20.SignedInstallationData)
    return data


@pytest.mark.parametrize("keys", [0, 2, 3])
def test_installation_data_of_20_has_exactly_one_key(keys: int) -> None:
    names = (
        "secp521_encrypted_private_key",
        "x448_encrypted_private_key",
        "tpm_encrypted_private_key",
    )
    values: dict[str, Any] = {name: b"\x01" if n < keys else None for n, name in enumerate(names)}
    with pytest.raises(ExiError, match="exactly one alternative"):
        exi.encode_fragment(replace(_installation_data(), **values))


@pytest.mark.parametrize("value", [-1, 256])
def test_a_count_of_20_beyond_8_bits_is_refused(value: int) -> None:
    vector = next(
        v
        for v in VECTORS
        if v.schema == ISO_20.urn and v.kind == "document" and v.name.endswith("Req")
    )
    message = decode_document(vector.exi, ISO_20)
    with pytest.raises(ExiError, match="xs:unsignedByte"):
        exi.encode(replace(message, maximum_contract_certificate_chains=value))


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_a_time_stamp_of_20_beyond_64_bits_is_refused(value: int) -> None:
    vector = next(v for v in VECTORS if v.schema == ISO_20.urn and v.kind == "document")
    message = decode_document(vector.exi, ISO_20)
    with pytest.raises(ExiError, match="xs:unsignedLong"):
        exi.encode(replace(message, header=replace(message.header, time_stamp=value)))


def test_only_roots_of_the_schemas_are_encoded() -> None:
    message = exi.decode(REQUEST.exi)
    with pytest.raises(ExiError, match="not the root"):
        exi.encode(message.body)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ExiError, match="not the root"):
        exi.encode_fragment(message)  # type: ignore[arg-type]  # what is tested


BAD_FORMS: list[Any] = [
    None,
    [],
    {},
    "text",
    {"V2G_Message": {}, "Other": {}},
    {"Other": {}},
    {"V2G_Message": None},
    {"V2G_Message": {"Header": {"SessionID": "00"}}},
    {"V2G_Message": {"Header": {"SessionID": "0"}, "Body": {}}},
    {"V2G_Message": {"Header": {"SessionID": "zz"}, "Body": {}}},
    {"V2G_Message": {"Header": {"SessionID": 1}, "Body": {}}},
    {"V2G_Message": {"Header": {"SessionID": "00", "Unknown": 1}, "Body": {}}},
    {"V2G_Message": {"Header": {"SessionID": "00"}, "Body": {}}},
    {"V2G_Message": {"Header": {"SessionID": "00"}, "Body": {"SessionStopReq": {}}}},
]


@pytest.mark.parametrize("form", BAD_FORMS, ids=str)
def test_a_json_form_outside_the_schema_is_refused(form: Any) -> None:
    with pytest.raises(ExiError):
        exi.encode_json(form, schema=ISO_2.urn)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OEMProvisioningCert", "not base64!"),
        ("OEMProvisioningCert", "AAA"),
        ("ListOfRootCertificateIDs", {"RootCertificateID": {}}),
        (
            "ListOfRootCertificateIDs",
            {"RootCertificateID": [{"X509IssuerName": "A", "X509SerialNumber": True}]},
        ),
        (
            "ListOfRootCertificateIDs",
            {"RootCertificateID": [{"X509IssuerName": "A", "X509SerialNumber": 1.0}]},
        ),
    ],
    ids=str,
)
def test_a_json_value_of_another_type_is_refused(name: str, value: Any) -> None:
    form = exi.decode_json(REQUEST.exi, schema=ISO_2.urn)
    form["V2G_Message"]["Body"]["CertificateInstallationReq"][name] = value
    with pytest.raises(ExiError, match=name):
        exi.encode_json(form, schema=ISO_2.urn)


def test_an_unknown_schema_or_kind_is_refused() -> None:
    with pytest.raises(ExiError, match="unknown schema"):
        exi.decode_json(REQUEST.exi, schema="urn:none")
    with pytest.raises(ExiError, match="kind"):
        exi.decode_json(REQUEST.exi, schema=ISO_2.urn, kind="other")  # type: ignore[arg-type]  # tested
