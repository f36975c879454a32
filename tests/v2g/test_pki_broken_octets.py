"""Whatever octets come in, the readers either read them or refuse them in their own words."""

import contextlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.pki import AT
from tests.v2g.path_material import ANCHORS, LEAF, PKI
from tests.v2g.status_material import ISSUER, REVOKED_AT, answer, crl, read, read_crl, responder
from tests.v2g.test_pki_bundle import LOADED, PEM, p12
from tests.v2g.test_pki_certificate import with_explicit_ca_false, with_leading_zero_serial
from v2g.errors import CertificateError, V2GError
from v2g.pki.bundle import order_chain, read_bundle
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.crl import Revoked
from v2g.pki.lints import lint
from v2g.pki.names import name_key
from v2g.pki.ocsp import build_request
from v2g.pki.profiles import OEM_LEAF
from v2g.pki.responder import read_request
from v2g.protocol import IsoVersion


def use_certificate(data: bytes) -> None:
    """Read a certificate and use every part of it."""
    certificate = Certificate.from_der(data)
    assert certificate.serial_octets
    lint(certificate, OEM_LEAF, IsoVersion.ISO_2)
    name_key(certificate.subject.text)
    check_chain(
        certificate, PKI.sub_cas, ANCHORS, profile=OEM_LEAF, version=IsoVersion.ISO_2, at=AT
    )


def use_bundle(data: bytes) -> None:
    order_chain(read_bundle(data, password="open sesame"))


def use_crl(data: bytes) -> None:
    read_crl(data).status_of(LEAF.certificate)


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "certificate": (use_certificate, LEAF.der),
    "leaf with cA FALSE": (use_certificate, with_explicit_ca_false(LEAF, PKI.sub2)),
    "leaf with zeros": (use_certificate, with_leading_zero_serial(LEAF, PKI.sub2)),
    "PEM": (use_bundle, PEM),
    "PKCS#7": (use_bundle, pkcs7.serialize_certificates(LOADED, Encoding.DER)),
    "PKCS#12": (use_bundle, p12(rounds=10)),
    "CRL": (use_crl, crl(Revoked(LEAF.certificate.serial, REVOKED_AT, "keyCompromise"))),
    "OCSP response": (read, answer(by=responder(), nonce=b"1" * 16)),
    "OCSP request": (
        read_request,
        build_request(LEAF.certificate, ISSUER.certificate, nonce=b"1" * 16),
    ),
}

pytestmark = pytest.mark.filterwarnings("ignore:Parsed a serial number")

places = st.integers(min_value=0, max_value=10_000)
changes = st.lists(
    st.tuples(places, st.binary(max_size=2), st.integers(0, 2)), min_size=1, max_size=3
)


@pytest.mark.parametrize("name", READERS)
@given(changes=changes)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_broken_octets_are_refused_in_our_words(
    name: str, changes: list[tuple[int, bytes, int]]
) -> None:
    use, seed = READERS[name]
    data = seed
    for place, octets, taken in changes:
        index = place % (len(data) + 1)
        data = data[:index] + octets + data[index + taken :]
    with contextlib.suppress(V2GError):
        use(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x22"),
        (LEAF.certificate.serial_octets, b"\xff" + LEAF.certificate.serial_octets[1:]),
        (b"\x0c\x11WVWTEST", b"\x03\x11WVWTEST"),
    ],
    ids=["version", "negative serial", "bits as a name"],
)
def test_faults_that_parsers_meet_late_are_refused(old: bytes, new: bytes) -> None:
    broken = LEAF.der.replace(old, new, 1)
    assert broken != LEAF.der
    with pytest.raises(CertificateError):
        Certificate.from_der(broken)


def test_a_crl_of_an_unknown_version_is_refused() -> None:
    data = crl()
    broken = data.replace(b"\x02\x01\x01\x30", b"\x02\x01\x14\x30", 1)
    assert broken != data
    with pytest.raises(V2GError, match="cannot be read"):
        read_crl(broken)
