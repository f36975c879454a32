"""Certificate paths: the right one passes, every wrong one is refused with its reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from tests.factories.pki import (
    AT,
    Holder,
    draft_like,
    forge,
    make_key,
    make_leaf,
    make_pki,
    make_root,
)
from tests.v2g.test_pki_certificate import with_explicit_ca_false
from v2g.errors import ChainError
from v2g.pki import builder
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import (
    check_chain,
    check_leaf,
    check_root,
    check_sub_ca_path,
    check_validity,
    find_path,
)
from v2g.pki.profiles import (
    CONTRACT_LEAF,
    CPS_LEAF,
    LEAVES,
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

PKI = make_pki(Branch.OEM)
LEAF = make_leaf(PKI)
ANCHORS = Anchors([Anchor(PKI.root.certificate, RootKind.OEM)])
KINDS = {Branch.OEM: RootKind.OEM, Branch.MO: RootKind.MO}


def check(
    leaf: Certificate = LEAF.certificate,
    sub_cas: Sequence[Certificate] = PKI.sub_cas,
    anchors: Anchors = ANCHORS,
    *,
    profile: Profile = OEM_LEAF,
    version: IsoVersion = IsoVersion.ISO_2,
    at: datetime = AT,
) -> object:
    return check_chain(leaf, sub_cas, anchors, profile=profile, version=version, at=at)


def refusal(*args: object, **kwargs: object) -> ChainError:
    with pytest.raises(ChainError) as refused:
        check(*args, **kwargs)  # type: ignore[arg-type]  # passed through
    return refused.value


def forged_leaf(
    profile: Profile = OEM_LEAF, *, issuer: Holder = PKI.sub2, **changes: object
) -> Certificate:
    return forge(draft_like(LEAF, profile, **changes), issuer, issuer.key)


def forged(holder: Holder, profile: Profile, issuer: Holder, **changes: object) -> Holder:
    """The CA again under its name and key, but of another profile."""
    return Holder(forge(draft_like(holder, profile, **changes), issuer, issuer.key), holder.key)


def under(sub1: Holder, sub2: Holder | None = None) -> tuple[Certificate, list[Certificate]]:
    """A good leaf below sub-CAs that may be broken; Sub2 is made anew unless given."""
    below = sub2 or forged(PKI.sub2, OEM_SUB2, sub1)
    return forged_leaf(issuer=below), [below.certificate, sub1.certificate]


@pytest.mark.parametrize("version", IsoVersion)
@pytest.mark.parametrize("branch", list(LEAVES))
def test_a_good_path_of_every_branch_is_accepted(branch: Branch, version: IsoVersion) -> None:
    pki = make_pki(branch, version=version)
    leaf = make_leaf(pki)
    anchors = Anchors([Anchor(pki.root.certificate, KINDS.get(branch, RootKind.V2G))])
    chain = check_chain(
        leaf.certificate, pki.sub_cas, anchors, profile=LEAVES[branch], version=version, at=AT
    )
    assert chain.leaf is leaf.certificate
    assert chain.sub_cas == pki.sub_cas
    assert chain.root.certificate is pki.root.certificate
    assert [made.name for made in chain.checks] == [
        "role", "signature", "path", "curve", "validity",
    ]  # fmt: skip
    assert all(made.passed and made.detail for made in chain.checks)


@pytest.mark.parametrize("branch", [Branch.OEM, Branch.MO])
def test_vehicles_and_contracts_may_also_stand_under_a_v2g_root(branch: Branch) -> None:
    pki = make_pki(branch, root=make_root(Branch.V2G))
    leaf = make_leaf(pki).certificate
    anchors = Anchors([Anchor(pki.root.certificate, RootKind.V2G)])
    assert check(leaf, pki.sub_cas, anchors, profile=LEAVES[branch])


def test_a_path_with_one_sub_ca_is_accepted() -> None:
    leaf = forged_leaf(issuer=PKI.sub1)
    assert check(leaf, [PKI.sub1.certificate])


def test_sub_cas_are_checked_once_for_many_leaves() -> None:
    path = check_sub_ca_path(PKI.sub_cas, ANCHORS, profile=OEM_LEAF, version=IsoVersion.ISO_2)
    for number in range(3):
        leaf = make_leaf(PKI, f"WVWTESTPCID00010{number}")
        assert check_leaf(leaf.certificate, path, ANCHORS).sub_cas == PKI.sub_cas


def test_a_path_is_found_before_its_validity_is_asked() -> None:
    late = AT + timedelta(days=40 * 365)
    path = find_path(
        LEAF.certificate, PKI.sub_cas, ANCHORS, profile=OEM_LEAF, version=IsoVersion.ISO_2
    )
    assert "validity" not in {made.name for made in path.checks}
    with pytest.raises(ChainError, match="expired"):
        check_validity(path, late)


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


def forge_bare_leaf() -> Certificate:
    draft = draft_like(LEAF, replace(OEM_LEAF, domain_component=None))
    made = builder._builder(draft, PKI.sub2.certificate)
    bare = x509.CertificateBuilder(
        made._issuer_name,
        made._subject_name,
        made._public_key,
        made._serial_number,
        made._not_valid_before,
        made._not_valid_after,
    )
    return builder._sign(bare, PKI.sub2.key, IsoVersion.ISO_2)


LEVELS = [
    ("The OEM provisioning certificate", 0),
    ("OEM Sub2", 1),
    ("OEM Sub1", 2),
    ("OEM root", 3),
]


def pki_ending(level: int, not_before: datetime, not_after: datetime) -> tuple[object, ...]:
    """A PKI in which only the certificate of one level has the given validity."""
    times: list[dict[str, Any]] = [{} for _ in range(4)]
    times[level] = {"not_before": not_before, "not_after": not_after}
    root = Holder(
        forge(draft_like(PKI.root, OEM_ROOT, **times[3]), None, PKI.root.key), PKI.root.key
    )
    sub1 = forged(PKI.sub1, OEM_SUB1, root, **times[2])
    sub2 = forged(PKI.sub2, OEM_SUB2, sub1, **times[1])
    leaf = forged_leaf(issuer=sub2, **times[0])
    anchors = Anchors([Anchor(root.certificate, RootKind.OEM)])
    return leaf, [sub2.certificate, sub1.certificate], anchors


@pytest.mark.parametrize(("label", "level"), LEVELS)
def test_a_certificate_that_expired_fails_the_path_by_name(label: str, level: int) -> None:
    case = pki_ending(
        level, datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 14, 18, tzinfo=UTC)
    )
    error = refusal(*case)
    assert (error.code, error.certificate) == ("expired", label)
    assert str(error) == f"{label} expired on 14 January 2026"
    assert check(*case, at=datetime(2026, 1, 14, 18, tzinfo=UTC))  # type: ignore[arg-type]  # a case


@pytest.mark.parametrize(("label", "level"), LEVELS)
def test_a_certificate_that_is_not_yet_valid_fails_the_path(label: str, level: int) -> None:
    case = pki_ending(level, datetime(2026, 3, 3, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    error = refusal(*case)
    assert (error.code, error.certificate) == ("not_yet_valid", label)
    assert str(error) == f"{label} is valid only from 3 March 2026"


OTHER = make_pki(Branch.OEM, salt="other")
MO = make_pki(Branch.MO)
CPO = make_pki(Branch.CPO)

WRONG_SHAPES = {
    "no sub-CAs": ([], "sub_ca_missing", ""),
    "half a chain": ([PKI.sub2.certificate], "unknown_root", "OEM sub-CA"),
    "swapped": ([PKI.sub1.certificate, PKI.sub2.certificate], "chain_out_of_order", "OEM Sub2"),
    "Sub1 alone": ([PKI.sub1.certificate], "issuer_missing", "The OEM provisioning certificate"),
    "Sub2 twice": ([PKI.sub2.certificate, PKI.sub2.certificate], "issuer_missing", "OEM Sub2"),
    "a foreign Sub1": ([PKI.sub2.certificate, MO.sub1.certificate], "issuer_missing", "OEM Sub2"),
    "with the root": ([*PKI.sub_cas, PKI.root.certificate], "root_in_chain", ""),
    "a spare": ([*PKI.sub_cas, MO.sub2.certificate], "too_many_sub_cas", ""),
    "only a root": ([PKI.root.certificate], "root_in_chain", ""),
    "the leaf as sub-CA": (
        [LEAF.certificate, PKI.sub2.certificate],
        "signer_not_a_ca",
        "OEM Sub2",
    ),
    "another PKI of the same names": (list(OTHER.sub_cas), "signature_invalid", "OEM Sub1"),
    "a Sub1 of the same name and another key": (
        [PKI.sub2.certificate, OTHER.sub1.certificate],
        "signature_invalid",
        "OEM Sub2",
    ),
}


@pytest.mark.parametrize(("sub_cas", "code", "label"), WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_chain_of_the_wrong_shape_is_refused(
    sub_cas: list[Certificate], code: str, label: str
) -> None:
    error = refusal(sub_cas=sub_cas)
    assert (error.code, error.certificate) == (code, label)


def test_a_spare_after_a_single_sub_ca_is_refused() -> None:
    leaf = forged_leaf(issuer=PKI.sub1)
    error = refusal(leaf, [PKI.sub1.certificate, MO.sub1.certificate])
    assert error.code == "spare_certificate"


def test_a_leaf_followed_by_the_wrong_one_of_its_sub_cas_is_out_of_order() -> None:
    leaf = forged_leaf(issuer=PKI.sub1)
    assert refusal(leaf).code == "chain_out_of_order"


def test_an_unknown_root_is_refused() -> None:
    for anchors in (Anchors(), Anchors([Anchor(MO.root.certificate, RootKind.MO)])):
        error = refusal(anchors=anchors)
        assert error.code == "unknown_root"
        assert "no known OEM or V2G root" in str(error)


def test_a_root_of_the_wrong_kind_anchors_nothing() -> None:
    for kind in (RootKind.MO, RootKind.PE):
        anchors = Anchors([Anchor(PKI.root.certificate, kind)])
        assert refusal(anchors=anchors).code == "unknown_root"


def test_two_roots_of_one_name_are_told_apart_by_their_keys() -> None:
    both = Anchors(Anchor(pki.root.certificate, RootKind.OEM) for pki in (OTHER, PKI))
    assert len(both) == 2
    assert check(anchors=both)
    impostor = Anchors([Anchor(OTHER.root.certificate, RootKind.OEM)])
    assert refusal(anchors=impostor).code == "signature_invalid"


def leaf_signing_leaf() -> tuple[Certificate, list[Certificate]]:
    return forged_leaf(issuer=LEAF), [LEAF.certificate, PKI.sub2.certificate]


def sub_ca(profile: Profile, level: int) -> tuple[Certificate, list[Certificate]]:
    if level == 1:
        return under(forged(PKI.sub1, profile, PKI.root))
    return under(PKI.sub1, forged(PKI.sub2, profile, PKI.sub1))


BROKEN_SIGNERS = {
    "a leaf signs a leaf": (leaf_signing_leaf(), "signer_not_a_ca"),
    "Sub2 says cA FALSE": (
        sub_ca(replace(OEM_SUB2, is_ca=False, path_length=None), 2),
        "signer_not_a_ca",
    ),
    "Sub1 says cA FALSE": (
        sub_ca(replace(OEM_SUB1, is_ca=False, path_length=None), 1),
        "signer_not_a_ca",
    ),
    "Sub2 with digitalSignature only": (
        sub_ca(replace(OEM_SUB2, key_usage=frozenset({"digitalSignature"})), 2),
        "signer_lacks_cert_sign",
    ),
    "Sub1 with digitalSignature only": (
        sub_ca(replace(OEM_SUB1, key_usage=frozenset({"digitalSignature"})), 1),
        "signer_lacks_cert_sign",
    ),
    "path length 0 on Sub1": (sub_ca(replace(OEM_SUB1, path_length=0), 1), "path_length_exceeded"),
}


@pytest.mark.parametrize(("case", "code"), BROKEN_SIGNERS.values(), ids=BROKEN_SIGNERS)
def test_what_may_not_sign_certificates_is_refused(
    case: tuple[Certificate, list[Certificate]], code: str
) -> None:
    assert refusal(*case).code == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"is_ca": False}, "signer_not_a_ca"),
        ({"path_length": 1}, "path_length_exceeded"),
        ({"key_usage": frozenset({"digitalSignature"})}, "signer_lacks_cert_sign"),
    ],
)
def test_a_root_that_may_not_sign_anchors_no_path(fields: dict[str, object], code: str) -> None:
    profile = replace(OEM_ROOT, **fields)  # type: ignore[arg-type]  # named above
    root = forge(draft_like(PKI.root, profile), None, PKI.root.key)
    error = refusal(anchors=Anchors([Anchor(root, RootKind.OEM)]))
    assert (error.code, error.certificate) == (code, "OEM root")


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


def test_a_signature_that_was_changed_is_refused() -> None:
    broken = LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1])
    assert refusal(Certificate.from_der(broken)).code == "signature_invalid"


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


def test_errors_never_need_more_than_the_certificate_to_be_understood() -> None:
    error = refusal(sub_cas=[PKI.sub2.certificate])
    assert str(error) == (
        "OEM sub-CA leads to CN=Test OEM Sub1, O=Test, C=DE, no known OEM or V2G root"
    )
