"""PKIs, broken on demand, for the tests of certificate paths."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509

from tests.factories.pki import (
    AT,
    Holder,
    draft_like,
    forge,
    make_leaf,
    make_pki,
)
from v2g.errors import ChainError
from v2g.pki import builder
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import (
    check_chain,
)
from v2g.pki.profiles import (
    OEM_LEAF,
    OEM_ROOT,
    OEM_SUB1,
    OEM_SUB2,
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


OTHER = make_pki(Branch.OEM, salt="other")


MO = make_pki(Branch.MO)


CPO = make_pki(Branch.CPO)


def leaf_signing_leaf() -> tuple[Certificate, list[Certificate]]:
    return forged_leaf(issuer=LEAF), [LEAF.certificate, PKI.sub2.certificate]


def sub_ca(profile: Profile, level: int) -> tuple[Certificate, list[Certificate]]:
    if level == 1:
        return under(forged(PKI.sub1, profile, PKI.root))
    return under(PKI.sub1, forged(PKI.sub2, profile, PKI.sub1))
