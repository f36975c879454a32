"""Certificate paths of ISO 15118, checked at a given instant.

A path is leaf, Sub2, Sub1 and ends in a trust anchor [V2G2-009]: exactly these, in this order.
All certificates, the root too, must be valid at the instant (shell model). The work comes in two
steps, so that nothing of a chain that reaches no root is acted upon: `find_path` (signatures and
rules), then `check_validity`. The part above the leaf can be checked once and kept:
`check_sub_ca_path`, then `check_leaf` for each leaf.

What was parsed is what was checked is what comes back: the same `Certificate` objects. Failures
raise ChainError.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from v2g.errors import ChainError
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chain_rules import refuse, require_leaf, require_signer, require_version
from v2g.pki.profiles import Branch, Profile
from v2g.protocol import IsoVersion

MAX_SUB_CAS: Final = 2

TRUSTED_ROOTS: Final = {
    Branch.CPO: frozenset({RootKind.V2G, RootKind.PE}),
    Branch.CPS: frozenset({RootKind.V2G}),
    Branch.MO: frozenset({RootKind.MO, RootKind.V2G}),
    Branch.OEM: frozenset({RootKind.OEM, RootKind.V2G}),
}
"""The kinds of root that each branch may end in."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made, to be kept with the certificate."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class SubCaPath:
    """Sub-CAs, the issuer of leaves first, that reach a root: good for all leaves of a profile."""

    profile: Profile
    version: IsoVersion
    sub_cas: tuple[Certificate, ...]
    root: Anchor
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class CheckedChain:
    """A path that reached a root. Its validity is known once a check is named `validity`."""

    profile: Profile
    version: IsoVersion
    leaf: Certificate
    sub_cas: tuple[Certificate, ...]
    root: Anchor
    checks: tuple[Check, ...]

    @property
    def labelled(self) -> tuple[tuple[str, Certificate], ...]:
        """Each certificate, from the leaf to the root, with its name in texts for people."""
        names = sub_ca_labels(self.profile, len(self.sub_cas))
        return (
            (leaf_label(self.profile), self.leaf),
            *zip(names, self.sub_cas, strict=True),
            (self.root.label, self.root.certificate),
        )


def leaf_label(profile: Profile) -> str:
    """Name the leaf: "The OEM provisioning certificate"."""
    return f"The {profile.name} certificate"


def sub_ca_labels(profile: Profile, count: int) -> tuple[str, ...]:
    """Name the sub-CAs, the issuer of leaves first: "OEM Sub2", "OEM Sub1"; "OEM sub-CA" alone."""
    branch = profile.branch.value
    if count < MAX_SUB_CAS:
        return (f"{branch} sub-CA",) * count
    return (f"{branch} Sub2", f"{branch} Sub1")


def check_chain(
    leaf: Certificate,
    sub_cas: Sequence[Certificate],
    anchors: Anchors,
    *,
    profile: Profile,
    version: IsoVersion,
    at: datetime,
) -> CheckedChain:
    """Find the path to an anchor and check it at the instant `at` (aware)."""
    return check_validity(find_path(leaf, sub_cas, anchors, profile=profile, version=version), at)


def find_path(
    leaf: Certificate,
    sub_cas: Sequence[Certificate],
    anchors: Anchors,
    *,
    profile: Profile,
    version: IsoVersion,
) -> CheckedChain:
    """Check signatures, order and the rules of each place up to an anchor, at no instant yet."""
    path = check_sub_ca_path(sub_cas, anchors, profile=profile, version=version)
    return check_leaf(leaf, path, anchors)


def check_sub_ca_path(
    sub_cas: Sequence[Certificate],
    anchors: Anchors,
    *,
    profile: Profile,
    version: IsoVersion,
) -> SubCaPath:
    """Check all above the leaf. The result may be kept for as long as the anchors do not change."""
    certificates = tuple(sub_cas)
    _require_count(certificates, profile)
    labels = sub_ca_labels(profile, len(certificates))
    _require_order(certificates, labels, anchors)
    for below, (certificate, label) in enumerate(zip(certificates, labels, strict=True)):
        require_version(certificate, label, version)
        require_signer(certificate, label, below=below)
    if len(certificates) == MAX_SUB_CAS:
        _require_signature(certificates[0], labels[0], certificates[1])
    root = _find_root(certificates[-1], labels[-1], anchors, profile)
    require_version(root.certificate, root.label, version)
    require_signer(root.certificate, root.label, below=len(certificates))
    checks = (
        Check("path", True, f"{' and '.join(labels)} lead to {root.certificate.subject.text}"),
        Check("curve", True, f"all keys and signatures are of {version.value}"),
    )
    return SubCaPath(profile, version, certificates, root, checks)


def check_leaf(leaf: Certificate, path: SubCaPath, anchors: Anchors) -> CheckedChain:
    """Check a leaf under sub-CAs that were checked before with the same anchors."""
    profile, label = path.profile, leaf_label(path.profile)
    if leaf in anchors:
        refuse("leaf_is_a_root", label, "is a root certificate")
    require_leaf(leaf, label, profile)
    issuer = path.sub_cas[0]
    if leaf.issuer.der != issuer.subject.der:
        if any(leaf.issuer.der == other.subject.der for other in path.sub_cas):
            refuse("chain_out_of_order", label, "is not followed by its issuer: leaf, Sub2, Sub1")
        refuse("issuer_missing", label, f"was issued by {leaf.issuer.text}, which is not there")
    require_version(leaf, label, path.version)
    _require_signature(leaf, label, issuer)
    checks = (
        Check("role", True, f"{label} has the role of its profile"),
        Check("signature", True, f"{label} is signed by {issuer.subject.text}"),
        *path.checks,
    )
    return CheckedChain(profile, path.version, leaf, path.sub_cas, path.root, checks)


def check_validity(chain: CheckedChain, at: datetime) -> CheckedChain:
    """Check that every certificate, the root too, is valid at the instant (shell model)."""
    for label, certificate in chain.labelled:
        if at > certificate.not_after:
            refuse("expired", label, f"expired on {_day(certificate.not_after)}")
        if at < certificate.not_before:
            refuse("not_yet_valid", label, f"is valid only from {_day(certificate.not_before)}")
    made = Check("validity", True, f"all certificates are valid on {_day(at)}")
    return replace(chain, checks=(*chain.checks, made))


def check_root(root: Certificate, kind: RootKind, version: IsoVersion) -> tuple[Check, ...]:
    """Check that a certificate can be an anchor: signed by itself and fit to sign sub-CAs."""
    label = f"{kind.value} root"
    if not root.is_self_issued or not root.is_signed_by(root.public_key):
        refuse("root_not_self_signed", label, "is not signed by itself")
    require_version(root, label, version)
    require_signer(root, label, below=0)
    return (
        Check("signature", True, f"{label} is signed by itself"),
        Check("signer", True, f"{label} may sign certificates"),
        Check("curve", True, f"its key and signature are of {version.value}"),
    )


def _require_count(sub_cas: tuple[Certificate, ...], profile: Profile) -> None:
    if not sub_cas:
        raise ChainError("sub_ca_missing", "The sub-CA certificates are missing from the chain")
    if any(certificate.is_self_issued for certificate in sub_cas):
        raise ChainError("root_in_chain", "A root certificate stands among the sub-CAs")
    if len(sub_cas) > MAX_SUB_CAS:
        raise ChainError(
            "too_many_sub_cas",
            f"The chain of {profile.name} has {len(sub_cas)} sub-CAs, at most two are allowed",
        )


def _require_order(
    sub_cas: tuple[Certificate, ...], labels: tuple[str, ...], anchors: Anchors
) -> None:
    if len(sub_cas) < MAX_SUB_CAS or sub_cas[0].issuer.der == sub_cas[1].subject.der:
        return
    if sub_cas[1].issuer.der == sub_cas[0].subject.der:
        refuse("chain_out_of_order", labels[0], "is not the issuer of the leaf: leaf, Sub2, Sub1")
    if anchors.named(sub_cas[0].issuer.der):
        refuse("spare_certificate", labels[1], "does not belong to the chain")
    issuer = sub_cas[0].issuer.text
    refuse("issuer_missing", labels[0], f"was issued by {issuer}, which does not follow it")


def _require_signature(certificate: Certificate, label: str, issuer: Certificate) -> None:
    if not certificate.is_signed_by(issuer.public_key):
        refuse("signature_invalid", label, f"is not signed by the key of {issuer.subject.text}")


def _find_root(last: Certificate, label: str, anchors: Anchors, profile: Profile) -> Anchor:
    """The anchor whose key signed the last sub-CA; several may share one name."""
    named = anchors.named(last.issuer.der)
    kinds = TRUSTED_ROOTS[profile.branch]
    trusted = [anchor for anchor in named if anchor.kind in kinds]
    if not trusted:
        wanted = " or ".join(sorted(kind.value for kind in kinds))
        refuse("unknown_root", label, f"leads to {last.issuer.text}, no known {wanted} root")
    for anchor in trusted:
        if last.is_signed_by(anchor.certificate.public_key):
            return anchor
    message = f"{label} is not signed by the key of {last.issuer.text}"
    raise ChainError("signature_invalid", message, certificate=label)


def _day(instant: datetime) -> str:
    return f"{instant.day} {instant:%B} {instant.year}"
