"""XML goes in with the namespaces of the schemas and without the dangerous parts of XML."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.v2g.vectors import ISO2_DOCUMENTS, VECTORS, Vector
from v2g import exi, signature, xml
from v2g.errors import SignatureError, XmlError
from v2g.exi.codec import decode_document, decode_fragment
from v2g.exi.schemas import SCHEMAS
from v2g.messages import iso2

REQUEST = next(v for v in ISO2_DOCUMENTS if v.name == "CertificateInstallationReq")
RESPONSE = next(
    v
    for v in ISO2_DOCUMENTS
    if v.name == "CertificateInstallationRes" and v.crypto.get("signature_valid")
)

# As other tools write it: own prefixes, default namespace, comments, space, Id without namespace.
FOREIGN = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- a request -->
<V2G_Message xmlns="urn:iso:15118:2:2013:MsgDef" xmlns:a="urn:iso:15118:2:2013:MsgBody"
    xmlns:b="urn:iso:15118:2:2013:MsgHeader" xmlns:c="urn:iso:15118:2:2013:MsgDataTypes"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Header>
    <b:SessionID> 0102030405060708 </b:SessionID>
  </Header>
  <Body>
    <a:CertificateInstallationReq Id="id1">
      <a:OEMProvisioningCert>
        AA
        AA
      </a:OEMProvisioningCert>
      <a:ListOfRootCertificateIDs>
        <c:RootCertificateID xmlns:d="http://www.w3.org/2000/09/xmldsig#">
          <d:X509IssuerName><![CDATA[A]]></d:X509IssuerName>
          <d:X509SerialNumber> +1 </d:X509SerialNumber>
        </c:RootCertificateID>
      </a:ListOfRootCertificateIDs>
    </a:CertificateInstallationReq>
  </Body>
</V2G_Message>
"""
EXI_OF_FOREIGN = "809802004080c1014181c210502b4b2188060000000034100110"


def _value(vector: Vector) -> Any:
    read = decode_document if vector.kind == "document" else decode_fragment
    return read(vector.exi, SCHEMAS[vector.schema])


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_xml_carries_a_message_to_the_same_exi(vector: Vector) -> None:
    text = xml.write(_value(vector))
    value = xml.read_any(text)
    assert value == _value(vector)
    encode: Any = exi.encode if vector.kind == "document" else exi.encode_fragment
    assert encode(value) == vector.exi
    assert xml.write(value) == text


def test_the_xml_of_other_tools_is_read() -> None:
    assert exi.encode(xml.read(FOREIGN, iso2.V2GMessage)).hex() == EXI_OF_FOREIGN


def test_names_stand_in_the_namespaces_of_their_schemas() -> None:
    text = xml.write(exi.decode(RESPONSE.exi)).decode()
    assert '<v2gci_d:V2G_Message xmlns:v2gci_d="urn:iso:15118:2:2013:MsgDef"' in text
    assert 'xmlns:v2gci_h="urn:iso:15118:2:2013:MsgHeader"' in text
    assert 'xmlns:v2gci_b="urn:iso:15118:2:2013:MsgBody"' in text
    assert 'xmlns:v2gci_t="urn:iso:15118:2:2013:MsgDataTypes"' in text
    assert 'xmlns:xmlsig="http://www.w3.org/2000/09/xmldsig#"' in text
    for name in (
        "v2gci_h:SessionID",
        "xmlsig:SignedInfo",
        "v2gci_b:CertificateInstallationRes",
        "v2gci_b:SAProvisioningCertificateChain",
        "v2gci_t:Certificate",
        "v2gci_b:eMAID v2gci_t:Id=",
    ):
        assert f"<{name}" in text


def test_a_signature_holds_through_xml() -> None:
    message = xml.read(xml.write(exi.decode(RESPONSE.exi)), iso2.V2GMessage)
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(RESPONSE.crypto["signer_key_pem"].encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature.verify(message, key.public_key())
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(SignatureError):
        signature.verify(message, other)


def _refused(text: bytes, reason: str) -> None:
    with pytest.raises(XmlError, match=reason):
        xml.read_any(text)


def _after_declaration(inserted: bytes) -> bytes:
    head, rest = FOREIGN.split(b"<!-- a request -->")
    return head + inserted + rest


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE V2G_Message>",
        b'<!DOCTYPE V2G_Message SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE V2G_Message PUBLIC "a" "http://localhost/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost/p"> %p;]>',
        b'<!DOCTYPE x [<!ATTLIST x Id CDATA "id1">]>',
    ],
)
def test_a_document_type_is_refused(doctype: bytes) -> None:
    _refused(_after_declaration(doctype), "document type")


def test_entities_are_refused() -> None:
    _refused(FOREIGN.replace(b"<![CDATA[A]]>", b"&unknown;"), "not well-formed")


def test_processing_instructions_are_refused() -> None:
    _refused(_after_declaration(b'<?xml-stylesheet href="x"?>'), "processing instruction")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"urn:iso:15118:2:2013:MsgDef", b"urn:iso:15118:2:2010:MsgDef"),
        (b"urn:iso:15118:2:2013:MsgBody", b"urn:iso:15118:2:2013:MsgDef"),
        (b"urn:iso:15118:2:2013:MsgDataTypes", b"urn:other"),
        (b'Id="id1"', b'xsi:Id="id1"'),
        (b'Id="id1"', b'b:Id="id1"'),
        (b'Id="id1"', b'Id="id1" xsi:type="a:Other"'),
        (b'Id="id1"', b'Id="id1" a:Id="id2"'),
        (b'Id="id1"', b'Id="id1" Other="x"'),
        (b'Id="id1"', b""),
        (b"<b:SessionID>", b'<b:SessionID Id="x">'),
        (b"<Header>", b'<Header Id="x">'),
        (b"<Body>", b'<Body Id="x">'),
        (b"<Body>", b"<Body>text"),
        (b"<Header>", b"<Header>text"),
        (b"<Header>", b"<Other/><Header>"),
        (b"</Header>", b"</Header><Header><b:SessionID>00</b:SessionID></Header>"),
        (b"</b:SessionID>", b"</b:SessionID><b:SessionID>00</b:SessionID>"),
        (b"</b:SessionID>", b"<b:X/></b:SessionID>"),
        (b" 0102030405060708 ", b"010"),
        (b" 0102030405060708 ", b"01 02"),
        (b" +1 ", b"1.0"),
        (b" +1 ", b"0x1"),
        (b" +1 ", b""),
        (b" +1 ", "\u0661".encode()),
        (b" +1 ", b"1" * 200),
        (b"AA\n", b"A!\n"),
        (b"AA\n", b"AAA\n"),
        (b"<d:X509SerialNumber> +1 </d:X509SerialNumber>", b""),
        (b"a:CertificateInstallationReq", b"a:SessionStopReq"),
        (b"</a:CertificateInstallationReq>", b"</a:CertificateInstallationReq><a:SessionStopReq/>"),
    ],
)
def test_what_the_schema_does_not_have_is_refused(old: bytes, new: bytes) -> None:
    assert old in FOREIGN
    _refused(FOREIGN.replace(old, new), ".")


def test_an_element_with_text_takes_no_elements() -> None:
    text = xml.write(exi.decode(RESPONSE.exi))
    _refused(text.replace(b"</v2gci_b:eMAID>", b"<v2gci_t:x/></v2gci_b:eMAID>"), "not elements")


def test_a_value_beyond_an_enumeration_is_refused() -> None:
    text = xml.write(exi.decode(RESPONSE.exi))
    changed = re.sub(rb"(<v2gci_b:ResponseCode>)\w+", rb"\1FAILED_Other", text)
    _refused(changed, "ResponseCode")


def test_more_occurrences_than_the_schema_allows_are_refused() -> None:
    start = FOREIGN.index(b"<c:RootCertificateID")
    end = FOREIGN.index(b"</c:RootCertificateID>") + len(b"</c:RootCertificateID>")
    root = FOREIGN[start:end]
    assert (
        len(
            xml.read(
                FOREIGN[:start] + root * 20 + FOREIGN[end:], iso2.V2GMessage
            ).body.list_of_root_certificate_ids.root_certificate_id  # type: ignore[union-attr]  # a request
        )
        == 20
    )
    _refused(FOREIGN[:start] + root * 21 + FOREIGN[end:], "more than 20")


def test_more_octets_than_the_bound_are_refused() -> None:
    _refused(FOREIGN + b" " * xml.MAX_SIZE, "octets of XML")


def test_deeper_nesting_than_the_bound_is_refused() -> None:
    _refused(b"<a>" * (xml.MAX_DEPTH + 1), "nested deeper")


def test_more_elements_than_the_bound_are_refused() -> None:
    _refused(b"<a>" + b"<b/>" * xml.MAX_ELEMENTS + b"</a>", "elements")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"{}",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a b='1' b='2'/>",
        b"<a:b/>",
        b"\xff\xfe<\x00a\x00/\x00>\x00",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b"<a>&#0;</a>",
        b'<?xml version="1.0" encoding="none"?><a/>',
    ],
)
def test_what_is_not_xml_is_refused(text: bytes) -> None:
    _refused(text, ".")


def test_another_root_than_the_expected_is_refused() -> None:
    text = xml.write(exi.decode(REQUEST.exi).body)  # type: ignore[arg-type]  # a request is signed whole
    assert xml.read(text, iso2.CertificateInstallationReq) == exi.decode(REQUEST.exi).body
    with pytest.raises(XmlError, match="V2G_Message is expected"):
        xml.read(text, iso2.V2GMessage)


def test_text_that_xml_cannot_hold_is_not_written() -> None:
    with pytest.raises(XmlError, match=r"U\+0000"):
        xml.write(iso2.EMAID(id="a", value="\x00"))
    with pytest.raises(XmlError, match="not the root"):
        xml.write(exi.decode(REQUEST.exi).header)  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("text", ["<&>\"'", " a\tb\nc\r", "]]>", "\u00e9\U0001f697", ""])
def test_special_characters_survive_in_text_and_attributes(text: str) -> None:
    element = iso2.EMAID(id=text, value=text)
    assert xml.read(xml.write(element), iso2.EMAID) == element


@settings(max_examples=300)
@given(data=st.data())
def test_changed_xml_raises_nothing_else(data: st.DataObject) -> None:
    text = bytearray(FOREIGN)
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        message = xml.read_any(bytes(text))
    except XmlError:
        return
    assert xml.read_any(xml.write(message)) == message
