"""Certificate paths: the right one passes, every wrong one is refused with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.pki import (
    AT,
    draft_like,
    forge,
    make_leaf,
    make_pki,
    make_root,
)
from tests.v2g.path_material import (
    ANCHORS,
    KINDS,
    LEAF,
    LEVELS,
    MO,
    OTHER,
    PKI,
    check,
    forged_leaf,
    leaf_signing_leaf,
    pki_ending,
    refusal,
    sub_ca,
)
from v2g.errors import ChainError
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import (
    check_chain,
    check_leaf,
    check_sub_ca_path,
    check_validity,
    find_path,
)
from v2g.pki.profiles import (
    LEAVES,
    OEM_LEAF,
    OEM_ROOT,
    OEM_SUB1,
    OEM_SUB2,
    Branch,
)
from v2g.protocol import IsoVersion


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


def test_a_signature_that_was_changed_is_refused() -> None:
    broken = LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1])
    assert refusal(Certificate.from_der(broken)).code == "signature_invalid"


def test_errors_never_need_more_than_the_certificate_to_be_understood() -> None:
    error = refusal(sub_cas=[PKI.sub2.certificate])
    assert str(error) == (
        "OEM sub-CA leads to CN=Test OEM Sub1, O=Test, C=DE, no known OEM or V2G root"
    )
