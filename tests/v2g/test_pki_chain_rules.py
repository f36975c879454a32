"""What a certificate must be by its place in a path, and what a root must be."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from tests.factories.pki import (
    Holder,
    draft_like,
    forge,
    make_key,
    make_leaf,
    make_pki,
)
from tests.v2g.path_material import (
    CPO,
    LEAF,
    LEVELS,
    MO,
    OTHER,
    PKI,
    check,
    forge_bare_leaf,
    forged,
    forged_leaf,
    refusal,
)
from tests.v2g.test_pki_certificate import with_explicit_ca_false
from v2g.errors import ChainError
from v2g.pki import builder
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import (
    check_root,
)
from v2g.pki.profiles import (
    CONTRACT_LEAF,
    CPS_LEAF,
    OCSP_RESPONDER,
    OEM_LEAF,
    OEM_ROOT,
    OEM_SUB1,
    OEM_SUB2,
    SECC_LEAF,
    Branch,
    Profile,
)
from v2g.protocol import IsoVersion


def test_the_leaf_may_spell_ca_false_out_but_no_signer_may() -> None:
    assert check(Certificate.from_der(with_explicit_ca_false(LEAF, PKI.sub2)))
    not_ca = forged(PKI.sub2, replace(OEM_SUB2, is_ca=False, path_length=None), PKI.sub1)
    loose = Certificate.from_der(with_explicit_ca_false(not_ca, PKI.sub1))
    assert refusal(forged_leaf(), [loose, PKI.sub1.certificate]).code == "signer_not_der"


def test_an_old_leaf_without_constraints_and_key_usage_is_accepted() -> None:
    old = forge_bare_leaf()
    assert old.extensions.is_ca is None
    assert old.extensions.key_usage is None
    assert check(old)


def test_an_old_sub_ca_without_key_usage_may_sign() -> None:
    made = builder._builder(draft_like(PKI.sub2, OEM_SUB2), PKI.sub1.certificate)
    made._extensions = [
        extension for extension in made._extensions if extension.oid != ExtensionOID.KEY_USAGE
    ]
    sub2 = builder._sign(made, PKI.sub1.key, IsoVersion.ISO_2)
    assert sub2.extensions.key_usage is None
    assert check(sub_cas=[sub2, PKI.sub1.certificate])


def test_another_role_is_no_provisioning_certificate() -> None:
    secc = forged_leaf(SECC_LEAF)
    cps = forged_leaf(replace(CPS_LEAF, key_usage=OEM_LEAF.key_usage))
    contract = forged_leaf(replace(CONTRACT_LEAF, domain_component="MO"))
    for leaf in (secc, cps, contract):
        assert refusal(leaf).code == "leaf_of_another_role"
    responder = forged_leaf(replace(OCSP_RESPONDER, key_usage=OEM_LEAF.key_usage))
    assert refusal(responder).code == "leaf_of_another_role"


def test_the_dc_of_a_vehicle_and_of_a_contract_is_optional() -> None:
    assert check(forged_leaf(replace(OEM_LEAF, domain_component=None)))
    anchors = Anchors([Anchor(MO.root.certificate, RootKind.MO)])
    plain = draft_like(make_leaf(MO), replace(CONTRACT_LEAF, domain_component=None))
    leaf = forge(plain, MO.sub2, MO.sub2.key)
    assert check(leaf, MO.sub_cas, anchors, profile=CONTRACT_LEAF)


@pytest.mark.parametrize(("branch", "profile"), [(Branch.CPS, CPS_LEAF), (Branch.CPO, SECC_LEAF)])
def test_the_dc_of_a_cps_and_a_secc_is_needed(branch: Branch, profile: Profile) -> None:
    pki = make_pki(branch)
    anchors = Anchors([Anchor(pki.root.certificate, RootKind.V2G)])
    draft = draft_like(make_leaf(pki), replace(profile, domain_component=None))
    leaf = forge(draft, pki.sub2, pki.sub2.key)
    assert refusal(leaf, pki.sub_cas, anchors, profile=profile).code == "leaf_of_another_role"


def test_a_station_may_call_its_operator_cso() -> None:
    anchors = Anchors([Anchor(CPO.root.certificate, RootKind.V2G)])
    draft = draft_like(make_leaf(CPO), replace(SECC_LEAF, domain_component="CSO"))
    leaf = forge(draft, CPO.sub2, CPO.sub2.key)
    assert check(leaf, CPO.sub_cas, anchors, profile=SECC_LEAF)


def test_a_vehicle_key_that_cannot_open_its_contract_key_is_refused() -> None:
    leaf = forged_leaf(replace(OEM_LEAF, key_usage=frozenset({"digitalSignature"})))
    assert refusal(leaf).code == "leaf_lacks_key_usage"


def test_a_common_name_that_is_no_pcid_is_refused() -> None:
    leaf = forged_leaf(subject=builder.Subject("DE8AAC123456783"))
    assert refusal(leaf).code == "leaf_name_malformed"


def test_a_leaf_that_is_a_ca_or_a_root_or_its_own_issuer_is_refused() -> None:
    assert refusal(forged_leaf(replace(OEM_LEAF, is_ca=True))).code == "leaf_is_a_ca"
    usage = OEM_LEAF.key_usage | {"keyCertSign"}
    assert refusal(forged_leaf(replace(OEM_LEAF, key_usage=usage))).code == "leaf_is_a_ca"
    assert refusal(PKI.root.certificate).code == "leaf_is_a_root"
    assert refusal(OTHER.root.certificate).code == "leaf_self_signed"
    own = forge(draft_like(LEAF, OEM_LEAF), None, LEAF.key)
    assert refusal(own).code == "leaf_self_signed"
    anchors = Anchors([*[Anchor(PKI.root.certificate, RootKind.OEM)],
                       Anchor(LEAF.certificate, RootKind.OEM)])  # fmt: skip
    assert refusal(anchors=anchors).code == "leaf_is_a_root"


@pytest.mark.parametrize("level", range(4))
def test_every_key_must_be_on_the_curve_of_the_version(level: int) -> None:
    holders: list[Holder] = []
    issuer: Holder | None = None
    for own, (holder, profile) in zip(
        (3, 2, 1, 0),
        ((PKI.root, OEM_ROOT), (PKI.sub1, OEM_SUB1), (PKI.sub2, OEM_SUB2), (LEAF, OEM_LEAF)),
        strict=True,
    ):
        key: ec.EllipticCurvePrivateKey = holder.key
        if own == level:
            key = make_key("wide", IsoVersion.ISO_20)
        draft = replace(draft_like(holder, profile), public_key=key.public_key())
        made = Holder(forge(draft, issuer, issuer.key if issuer else key), key)
        holders.append(made)
        issuer = made
    root, sub1, sub2, leaf = (holder.certificate for holder in holders)
    error = refusal(leaf, [sub2, sub1], Anchors([Anchor(root, RootKind.OEM)]))
    assert (error.code, error.certificate) == ("curve_not_of_version", LEVELS[level][0])


def test_the_hash_must_be_that_of_the_version() -> None:
    leaf = forged_leaf(version=IsoVersion.ISO_20)
    assert refusal(leaf).code == "hash_not_of_version"
    assert refusal(version=IsoVersion.ISO_20).code == "curve_not_of_version"


@pytest.mark.parametrize("place", ["leaf", "sub2"])
def test_an_unknown_critical_extension_is_refused(place: str) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    holder, profile, issuer = {
        "leaf": (LEAF, OEM_LEAF, PKI.sub2),
        "sub2": (PKI.sub2, OEM_SUB2, PKI.sub1),
    }[place]
    made = builder._builder(draft_like(holder, profile), issuer.certificate)
    certificate = builder._sign(
        made.add_extension(unknown, critical=True), issuer.key, IsoVersion.ISO_2
    )
    case = (
        (certificate, PKI.sub_cas)
        if place == "leaf"
        else (forged_leaf(), [certificate, PKI.sub1.certificate])
    )
    assert refusal(*case).code == "critical_extension_unknown"


RENAMED_ROOT = Holder(
    forge(draft_like(PKI.root, OEM_ROOT, subject=builder.Subject("Renamed")), None, PKI.root.key),
    PKI.root.key,
)


def test_a_root_is_checked_before_it_becomes_an_anchor() -> None:
    names = [made.name for made in check_root(PKI.root.certificate, RootKind.OEM, IsoVersion.ISO_2)]
    assert names == ["signature", "signer", "curve"]
    for certificate, version, code in (
        (PKI.sub1.certificate, IsoVersion.ISO_2, "root_not_self_signed"),
        (forge(draft_like(PKI.root, OEM_ROOT), None, OTHER.root.key), IsoVersion.ISO_2,
         "root_not_self_signed"),
        (
            forge(draft_like(PKI.root, OEM_ROOT), RENAMED_ROOT, PKI.root.key),
            IsoVersion.ISO_2,
            "root_not_self_signed",
        ),
        (PKI.root.certificate, IsoVersion.ISO_20, "curve_not_of_version"),
        (forge(draft_like(LEAF, OEM_LEAF), None, LEAF.key), IsoVersion.ISO_2, "signer_not_a_ca"),
    ):  # fmt: skip
        with pytest.raises(ChainError) as refused:
            check_root(certificate, RootKind.OEM, version)
        assert refused.value.code == code
