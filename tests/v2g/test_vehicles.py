"""The vehicle certificate of ISO 15118-20: its identifier, and how EST asks for its key."""

import pytest
from asn1crypto import core

from tests.factories.pki import make_leaf, make_pki
from v2g.errors import CertificateError, IdError
from v2g.ids import EvccId, Wmi
from v2g.pki.csr_attributes import csr_attributes
from v2g.pki.extensions import CLIENT_AUTH
from v2g.pki.profiles import VEHICLE_LEAF, Branch
from v2g.protocol import IsoVersion

NAME = "WVWV123456789ABCDEF7"
PKI = make_pki(Branch.OEM, version=IsoVersion.ISO_20)


def test_an_evccid_names_its_car_maker() -> None:
    read = EvccId.parse(NAME.lower())
    assert (str(read), read.wmi) == (NAME, Wmi("WVW"))
    assert EvccId.parse("WVWV" + "1" * 60)


@pytest.mark.parametrize("text", ["", NAME[:19], "WVWX" + NAME[4:], "WVWV" + "1" * 61, NAME + "-"])
def test_other_forms_are_no_evccid(text: str) -> None:
    with pytest.raises(IdError):
        EvccId.parse(text)


def test_a_vehicle_certificate_is_for_tls_clients_of_the_component_ev() -> None:
    leaf = make_leaf(PKI, NAME, profile=VEHICLE_LEAF).certificate
    assert leaf.extensions.extended_key_usage == frozenset({CLIENT_AUTH})
    assert leaf.domain_components == ("EV",)


def test_a_vehicle_certificate_needs_an_evccid() -> None:
    with pytest.raises(CertificateError, match="name_not_of_profile"):
        make_leaf(PKI, "WVWTESTPCID000001", profile=VEHICLE_LEAF)


@pytest.mark.parametrize(
    ("version", "curve", "signature"),
    [
        (IsoVersion.ISO_2, "1.2.840.10045.3.1.7", "1.2.840.10045.4.3.2"),
        (IsoVersion.ISO_20, "1.3.132.0.35", "1.2.840.10045.4.3.4"),
    ],
)
def test_request_attributes_are_key_curve_and_hash(
    version: IsoVersion, curve: str, signature: str
) -> None:
    outer = core.SequenceOf.load(csr_attributes(version), spec=core.Any)
    key, algorithm = (part.parse() for part in outer)
    kind, curves = (part.parse() for part in core.SequenceOf.load(key.dump(), spec=core.Any))
    assert kind.native == "1.2.840.10045.2.1"
    assert curves.contents == core.ObjectIdentifier(curve).dump()
    assert algorithm.native == signature
