"""Certificates are built as their profile says, and nothing else is signed."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.factories.pki import (
    AT,
    Holder,
    Pki,
    draft_like,
    forge,
    make_key,
    make_leaf,
    make_pki,
    make_root,
)
from tests.v2g.path_material import forge_bare_leaf
from v2g.errors import CertificateError
from v2g.pki import builder
from v2g.pki.builder import Draft, Subject, issue, serial_from
from v2g.pki.certificate import Certificate
from v2g.pki.lints import RULES, lint
from v2g.pki.profiles import (
    CONTRACT_LEAF,
    CPS_LEAF,
    LEAVES,
    MO_SUB2,
    OCSP_RESPONDER,
    OEM_LEAF,
    OEM_SUB2,
    SECC_LEAF,
    SUB_CAS,
    V2G_ROOT,
    Branch,
    Profile,
)
from v2g.protocol import IsoVersion

BRANCHES = list(SUB_CAS)
SEEN = tuple(field.name for field in fields(Certificate))


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki(Branch.OEM)


@pytest.fixture(scope="module")
def leaf(pki: Pki) -> Holder:
    return make_leaf(pki)


@pytest.mark.parametrize("version", IsoVersion)
@pytest.mark.parametrize("branch", BRANCHES)
def test_a_whole_pki_follows_its_profiles(branch: Branch, version: IsoVersion) -> None:
    pki = make_pki(branch, version=version)
    leaf = make_leaf(pki)
    sub1, sub2 = SUB_CAS[branch]
    for certificate, profile in (
        (leaf.certificate, LEAVES[branch]),
        (pki.sub2.certificate, sub2),
        (pki.sub1.certificate, sub1),
    ):
        assert lint(certificate, profile, version) == []
        assert len(certificate.der) <= 800
    assert leaf.certificate.issuer.der == pki.sub2.certificate.subject.der
    assert leaf.certificate.extensions.authority_key_id == (
        pki.sub2.certificate.extensions.subject_key_id
    )
    assert leaf.certificate.is_signed_by(pki.sub2.certificate.public_key)
    assert pki.root.certificate.is_signed_by(pki.root.certificate.public_key)


def test_the_subject_is_encoded_so_that_it_reads_from_the_common_name_up(leaf: Holder) -> None:
    assert leaf.certificate.subject.text == "CN=WVWTESTPCID000001, DC=OEM, O=Test, C=DE"


def test_the_second_mo_sub_ca_may_also_sign_data() -> None:
    usage = make_pki(Branch.MO).sub2.certificate.extensions.key_usage
    assert usage == frozenset({"keyCertSign", "cRLSign", "digitalSignature", "nonRepudiation"})
    assert make_pki(Branch.OEM).sub2.certificate.extensions.key_usage == frozenset(
        {"keyCertSign", "cRLSign"}
    )


def test_an_ocsp_responder_certificate_is_delegated_and_has_no_status(pki: Pki) -> None:
    key = make_key("responder")
    draft = Draft(
        profile=OCSP_RESPONDER,
        version=IsoVersion.ISO_2,
        subject=Subject("OCSP responder 1"),
        public_key=key.public_key(),
        serial=serial_from(bytes(range(100, 120))),
        not_before=AT,
        not_after=AT + timedelta(days=30),
    )
    made = issue(draft, issuer=pki.sub2.certificate, signing_key=pki.sub2.key)
    assert made.extensions.ocsp_no_check
    assert made.extensions.extended_key_usage == frozenset({"1.3.6.1.5.5.7.3.9"})
    assert made.extensions.ocsp_urls == ()


def test_a_crl_address_stands_beside_the_ocsp_address(pki: Pki, leaf: Holder) -> None:
    draft = draft_like(leaf, OEM_LEAF, crl_url="http://crl.test/1.crl")
    made = issue(draft, issuer=pki.sub2.certificate, signing_key=pki.sub2.key)
    assert made.extensions.crl_urls == ("http://crl.test/1.crl",)
    assert made.extensions.ocsp_urls == ("http://ocsp.test/o",)


def changed(profile: Profile, **fields: object) -> Profile:
    return replace(profile, **fields)  # type: ignore[arg-type]  # fields are named by the test


WRONG_PROFILES = [
    ("leaf_has_ca_true", OEM_LEAF, {"is_ca": True}),
    ("ca_lacks_ca_true", OEM_SUB2, {"is_ca": False, "path_length": None}),
    ("path_length_not_of_profile", OEM_SUB2, {"path_length": 1}),
    ("path_length_not_of_profile", OEM_SUB2, {"path_length": None}),
    ("key_usage_not_of_profile", OEM_LEAF, {"key_usage": frozenset({"digitalSignature"})}),
    ("key_usage_not_of_profile", MO_SUB2, {"key_usage": frozenset({"keyCertSign"})}),
    ("extended_key_usage_not_of_profile", OEM_LEAF, {"extended_key_usage": frozenset({"1.2.3"})}),
    ("domain_component_not_of_profile", OEM_LEAF, {"domain_component": "CPO"}),
    ("domain_component_not_of_profile", SECC_LEAF, {"domain_component": None}),
    ("ocsp_no_check_not_of_profile", OEM_LEAF, {"ocsp_no_check": True}),
]


@pytest.mark.parametrize(("code", "profile", "fields"), WRONG_PROFILES)
def test_a_lint_finds_what_is_not_of_the_profile(
    pki: Pki, leaf: Holder, code: str, profile: Profile, fields: dict[str, object]
) -> None:
    broken = forge(draft_like(leaf, changed(profile, **fields)), pki.sub2, pki.sub2.key)
    assert code in {finding.code for finding in lint(broken, profile, IsoVersion.ISO_2)}


WRONG_DRAFTS = [
    ("missing_status_url", {"ocsp_url": ""}),
    ("der_over_800_bytes", {"crl_url": "http://crl.test/" + "a" * 400}),
    ("curve_not_of_version", {"public_key": make_key("x", IsoVersion.ISO_20).public_key()}),
    ("validity_over_profile", {"not_after": AT + timedelta(days=1500)}),
    ("validity_over_profile", {"not_before": AT, "not_after": AT}),
    ("serial_not_random", {"serial": 3}),
    ("name_not_of_profile", {"subject": Subject("WVW-TEST-PCID", "Test", "DE")}),
    ("name_not_of_profile", {"subject": Subject("", "Test", "DE")}),
]


@pytest.mark.parametrize(("code", "changes"), WRONG_DRAFTS)
def test_nothing_is_signed_that_breaks_a_rule(
    pki: Pki, leaf: Holder, code: str, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    signers: list[int] = []
    sign = builder._sign

    def watch(made: object, key: ec.EllipticCurvePrivateKey, version: IsoVersion) -> object:
        signers.append(key.private_numbers().private_value)
        return sign(made, key, version)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(builder, "_sign", watch)
    with pytest.raises(CertificateError, match=code):
        issue(
            draft_like(leaf, OEM_LEAF, **changes),
            issuer=pki.sub2.certificate,
            signing_key=pki.sub2.key,
        )
    assert len(signers) == 1
    assert pki.sub2.key.private_numbers().private_value not in signers


def test_the_hash_follows_the_version(pki: Pki, leaf: Holder) -> None:
    draft = draft_like(leaf, OEM_LEAF)
    wrong = forge(replace(draft, version=IsoVersion.ISO_20), pki.sub2, pki.sub2.key)
    assert [f.code for f in lint(wrong, OEM_LEAF, IsoVersion.ISO_2)] == ["hash_not_of_version"]


def test_a_key_that_is_not_the_issuers_signs_nothing(pki: Pki, leaf: Holder) -> None:
    draft = draft_like(leaf, OEM_LEAF)
    with pytest.raises(CertificateError, match="not the key of the issuer"):
        issue(draft, issuer=pki.sub2.certificate, signing_key=pki.sub1.key)
    with pytest.raises(CertificateError, match="not the key of the issuer"):
        issue(draft, issuer=None, signing_key=pki.sub1.key)
    with pytest.raises(CertificateError, match="not a CA"):
        issue(draft, issuer=leaf.certificate, signing_key=leaf.key)


@pytest.mark.parametrize("version", IsoVersion)
def test_what_is_signed_is_what_was_checked(version: IsoVersion) -> None:
    made = make_pki(Branch.OEM, version=version)
    draft = draft_like(make_leaf(made), OEM_LEAF, version=version)
    prepared = builder.prepare(draft, issuer=made.sub2.certificate)
    signed = builder.sign(prepared, signing_key=made.sub2.key)
    assert signed.tbs == prepared.draft.tbs
    assert not prepared.draft.is_signed_by(made.sub2.key.public_key())
    read = Certificate.from_der(signed.der)
    assert read.is_signed_by(made.sub2.key.public_key())
    assert {name: getattr(read, name) for name in SEEN} == {
        name: getattr(signed, name) for name in SEEN
    }
    assert x509.load_der_x509_certificate(signed.der).public_bytes(Encoding.DER) == signed.der


def test_serial_numbers_hold_159_random_bits() -> None:
    assert serial_from(b"\xff" * 20) == 2**159 - 1
    assert serial_from(bytes(20)) == 1
    with pytest.raises(CertificateError, match="20 random octets"):
        serial_from(bytes(19))


def test_a_subject_that_cannot_be_encoded_is_refused(pki: Pki, leaf: Holder) -> None:
    draft = draft_like(leaf, CONTRACT_LEAF, subject=Subject("DE8AAC123456783", "Test", "GER"))
    with pytest.raises(CertificateError, match="cannot be encoded"):
        issue(draft, issuer=pki.sub2.certificate, signing_key=pki.sub2.key)


def test_every_rule_is_named_after_its_violation_and_passes_a_good_root() -> None:
    root = make_root()
    assert {code for code, rule in RULES.items() if rule.__module__.endswith("." + code)} == set(
        RULES
    )
    assert lint(root.certificate, V2G_ROOT, IsoVersion.ISO_2) == []


def test_a_bare_certificate_lacks_its_constraints_and_key_identifiers() -> None:
    codes = {finding.code for finding in lint(forge_bare_leaf(), OEM_LEAF, IsoVersion.ISO_2)}
    assert {"constraints_not_critical", "key_identifiers_missing"} <= codes


def test_a_free_name_is_still_a_name() -> None:
    pki = make_pki(Branch.CPS)
    draft = draft_like(make_leaf(pki), CPS_LEAF, subject=Subject("", "Test", "DE"))
    nameless = forge(draft, pki.sub2, pki.sub2.key)
    assert [f.code for f in lint(nameless, CPS_LEAF, IsoVersion.ISO_2)] == ["name_not_of_profile"]


def test_a_critical_extension_that_nobody_knows_is_found(pki: Pki, leaf: Holder) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    made = builder._builder(draft_like(leaf, OEM_LEAF), pki.sub2.certificate)
    signed = builder._sign(
        made.add_extension(unknown, critical=True), pki.sub2.key, IsoVersion.ISO_2
    )
    codes = [finding.code for finding in lint(signed, OEM_LEAF, IsoVersion.ISO_2)]
    assert codes == ["unknown_critical_extension"]
