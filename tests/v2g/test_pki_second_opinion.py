"""A foreign path validator agrees with ours on signatures, signers, lengths and validity.

Only what RFC 5280 rules: the roles, order and curves of ISO 15118, and the expiry of a root, are
ours alone.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from tests.factories.pki import AT
from tests.v2g.path_material import (
    LEAF,
    OTHER,
    PKI,
    forge_bare_leaf,
    forged_leaf,
    leaf_signing_leaf,
    pki_ending,
    sub_ca,
)
from tests.v2g.test_pki_certificate import with_explicit_ca_false
from v2g.errors import ChainError
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import OEM_LEAF, OEM_SUB1, OEM_SUB2
from v2g.protocol import IsoVersion

ROOT = PKI.root.certificate
PAST = (datetime(2020, 1, 1, tzinfo=UTC), AT - timedelta(hours=1))
FUTURE = (AT + timedelta(hours=1), AT + timedelta(days=300))


def ending(level: int, span: tuple[datetime, datetime]) -> tuple[object, ...]:
    leaf, sub_cas, _ = pki_ending(level, *span)
    return leaf, sub_cas


CASES = {
    "good": (True, (LEAF.certificate, PKI.sub_cas)),
    "bare old leaf": (True, (forge_bare_leaf(), PKI.sub_cas)),
    "cA FALSE spelled out": (
        True,
        (Certificate.from_der(with_explicit_ca_false(LEAF, PKI.sub2)), PKI.sub_cas),
    ),
    "half chain": (False, (LEAF.certificate, [PKI.sub2.certificate])),
    "no chain": (False, (LEAF.certificate, [])),
    "another PKI": (False, (LEAF.certificate, OTHER.sub_cas)),
    "changed signature": (
        False,
        (Certificate.from_der(LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1])), PKI.sub_cas),
    ),
    "leaf signs leaf": (False, leaf_signing_leaf()),
    "leaf signs leaf, with a Sub1": (
        False,
        (leaf_signing_leaf()[0], [*leaf_signing_leaf()[1], PKI.sub1.certificate]),
    ),
    "Sub2 is no CA": (False, sub_ca(replace(OEM_SUB2, is_ca=False, path_length=None), 2)),
    "Sub1 is no CA": (False, sub_ca(replace(OEM_SUB1, is_ca=False, path_length=None), 1)),
    "Sub2 signs data only": (
        False,
        sub_ca(replace(OEM_SUB2, key_usage=frozenset({"digitalSignature"})), 2),
    ),
    "Sub1 signs data only": (
        False,
        sub_ca(replace(OEM_SUB1, key_usage=frozenset({"digitalSignature"})), 1),
    ),
    "path length over": (False, sub_ca(replace(OEM_SUB1, path_length=0), 1)),
    "unknown issuer": (False, (forged_leaf(issuer=OTHER.sub2), PKI.sub_cas)),
    **{f"expired at {level}": (False, ending(level, PAST)) for level in range(3)},
    **{f"not yet valid at {level}": (False, ending(level, FUTURE)) for level in range(3)},
}


def foreign(certificate: Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.der)


def others_accept(leaf: Certificate, sub_cas: list[Certificate]) -> bool:
    context = ValidationContext(
        trust_roots=[foreign(ROOT)], moment=AT, allow_fetching=False, revocation_mode="soft-fail"
    )
    validator = CertificateValidator(
        foreign(leaf), [foreign(certificate) for certificate in sub_cas], context
    )
    try:
        asyncio.run(validator.async_validate_path())
    except (ValidationError, PathBuildingError):
        return False
    return True


def we_accept(leaf: Certificate, sub_cas: list[Certificate]) -> bool:
    anchors = Anchors([Anchor(ROOT, RootKind.OEM)])
    try:
        check_chain(leaf, sub_cas, anchors, profile=OEM_LEAF, version=IsoVersion.ISO_2, at=AT)
    except ChainError:
        return False
    return True


@pytest.mark.parametrize(("accepted", "case"), CASES.values(), ids=CASES)
def test_both_validators_give_the_same_answer(
    accepted: bool, case: tuple[Certificate, list[Certificate]]
) -> None:
    assert we_accept(*case) is accepted
    assert others_accept(*case) is accepted
