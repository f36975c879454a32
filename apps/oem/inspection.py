"""The dry run of an upload: what publishing each certificate would do, and what stands against it.

The same rules as `provisioning_pool.services.publish`, which asks them all again when a row is
worked off; here nothing is written and nobody outside is asked.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.oem.files import Contents
from apps.oem.models import UploadRow
from apps.oem.paths import Found, Paths
from apps.participants.rights import Operation, require
from apps.pki import status
from apps.pki.status import Known
from apps.provisioning_pool import selectors as pool
from apps.provisioning_pool.checks import MAX_DER
from apps.provisioning_pool.messages import parse_pcid
from apps.root_pool import selectors as roots
from v2g.errors import CertificateError, ChainError
from v2g.ids import Pcid
from v2g.pki import chains
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import OEM_LEAF

Result = UploadRow.Result

MAX_SUB_CAS: Final = 500
CHECKS: Final = ("owner", "chain", "validity", "status", "pool")
"""In the order of the work; what follows a failed one was not looked at."""
PASSED, FAILED, OPEN = "passed", "failed", "open"


@dataclass(slots=True)
class Inspected:
    """One certificate on its way through the checks."""

    source: str
    certificate: Certificate
    pcid: Pcid | None = None
    found: Found | None = None
    checks: dict[str, str] = field(default_factory=dict)
    result: Result = Result.FAILED
    code: str = ""
    detail: str = ""
    from_pool: bool = False

    def passes(self, check: str) -> None:
        self.checks[check] = PASSED

    def fails(self, check: str, code: str, detail: str) -> None:
        self.checks[check] = FAILED
        self.code, self.detail = code, detail

    @property
    def is_open(self) -> bool:
        """Nothing has failed yet."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Inspection:
    """All of an upload: vehicles, files that are no use, and how many certificates were left out
    because they are roots or were there twice.
    """

    vehicles: list[Inspected]
    unreadable: list[tuple[str, str]]
    left_out: int


def inspect(
    contents: Contents, *, actor: Actor, at: datetime, only: Pcid | None = None
) -> Inspection:
    """Check every vehicle of an upload; with `only`, other vehicles than this one fail.

    Raises Invalid (`too_many`) for over 500 sub-CAs.
    """
    unreadable = list(contents.unreadable)
    read = list(_read(contents, unreadable))
    sent = [one.certificate for one in read if one.certificate.extensions.is_ca]
    vehicles = [one for one in read if not one.certificate.extensions.is_ca]
    signers = [certificate for certificate in sent if not certificate.is_self_issued]
    if len(signers) > MAX_SUB_CAS:
        raise Invalid("too_many", f"Over {MAX_SUB_CAS} sub-CAs in one upload.")
    _check_owners(vehicles, actor, only)
    leaves = [one.certificate for one in vehicles]
    paths = Paths(signers, leaves, roots.anchors(), at)
    for one in vehicles:
        _check_chain(one, paths, at)
    _check_status(vehicles)
    _check_pool(vehicles, actor)
    return Inspection(vehicles, unreadable, contents.repeated + len(sent) - len(signers))


def chain_text(one: Inspected) -> str:
    """Name the way up: "Sub2 < Sub1 < Root", as far as it was found."""
    found = one.found
    if found is None or not found.sub_cas:
        return ""
    names = [_name(certificate) for certificate in found.sub_cas]
    if found.chain:
        names.append(_name(found.chain.root.certificate))
    return " \N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK} ".join(names)


def job_input(one: Inspected) -> dict[str, Any]:
    """What is kept for the job: the PCID, the file's name, and certificates in base64."""
    if one.found is None or one.pcid is None:
        return {}
    subs = [base64.b64encode(certificate.der).decode() for certificate in one.found.sub_cas]
    return {
        "pcid": str(one.pcid),
        "file": one.source,
        "vehicle": base64.b64encode(one.certificate.der).decode(),
        "sub2": subs[0] if len(subs) == 2 else "",
        "sub1": subs[-1] if subs else "",
    }


def _read(contents: Contents, unreadable: list[tuple[str, str]]) -> Iterator[Inspected]:
    for der, name in contents.certificates.items():
        try:
            yield Inspected(name, Certificate.from_der(der))
        except CertificateError as error:
            unreadable.append((name, str(error)))


def _check_owners(vehicles: Sequence[Inspected], actor: Actor, only: Pcid | None) -> None:
    for one in vehicles:
        try:
            one.pcid = parse_pcid(one.certificate.common_name)
            require(actor, Operation.PCP_PUBLISH, wmi=one.pcid.wmi)
        except DomainError as error:
            one.fails("owner", error.code, error.message)
        else:
            one.passes("owner")
    times = Counter(one.pcid for one in vehicles)
    for one in vehicles:
        if one.pcid and times[one.pcid] > 1:
            detail = f"The upload has {times[one.pcid]} certificates of this vehicle."
            one.fails("owner", "pcid_twice", detail)
        elif one.pcid and only and one.pcid != only:
            one.fails("owner", "other_vehicle", f"This upload is for {only} alone.")


def _check_chain(one: Inspected, paths: Paths, at: datetime) -> None:
    """What has expired is named as that, even where its chain is broken too."""
    one.found = found = paths.of(one.certificate)
    one.from_pool = any(paths.is_from_pool(certificate) for certificate in found.sub_cas)
    if not one.is_open:
        return
    if len(one.certificate.der) > MAX_DER:
        one.fails("chain", "malformed", f"The certificate is over {MAX_DER:,} octets long.")
    elif not one.certificate.is_valid_at(at):
        _say_when(one, at)
    elif found.chain is None:
        one.fails("chain", found.code, found.detail)
    else:
        one.passes("chain")
        _check_validity(one, at)


def _say_when(one: Inspected, at: datetime) -> None:
    label, found = chains.leaf_label(OEM_LEAF), one.certificate
    if at > found.not_after:
        one.fails("validity", "expired", f"{label} expired on {found.not_after:%Y-%m-%d}.")
    else:
        one.fails(
            "validity", "not_yet_valid", f"{label} is valid only from {found.not_before:%Y-%m-%d}."
        )


def _check_validity(one: Inspected, at: datetime) -> None:
    assert one.found is not None and one.found.chain is not None  # noqa: S101, PT018  called after
    try:
        chains.check_validity(one.found.chain, at)
    except ChainError as error:
        one.fails("validity", error.code, f"{error}.")
    else:
        one.passes("validity")


def _check_status(vehicles: Iterable[Inspected]) -> None:
    asked = {
        number: one.found.chain
        for number, one in enumerate(vehicles)
        if one.is_open and one.found and one.found.chain
    }
    known = status.known_status(asked)
    for number, one in enumerate(vehicles):
        if known.get(number) is Known.REVOKED:
            one.fails("status", "revoked", "A certificate of this chain is revoked.")
        elif number in known:
            one.checks["status"] = PASSED if known[number] is Known.GOOD else OPEN


def _check_pool(vehicles: Sequence[Inspected], actor: Actor) -> None:
    wanted = [one.pcid for one in vehicles if one.is_open and one.pcid]
    present = pool.current_many(wanted)
    for one in vehicles:
        if not one.is_open or one.pcid is None:
            continue
        row = present.get(str(one.pcid))
        if row is not None and row.owner_id != actor.organization_id:
            detail = "This PCID was published by another organisation."
            one.fails("pool", "foreign_owner", detail)
            continue
        one.passes("pool")
        one.result = _effect(one.certificate, bytes(row.der) if row else None)


def _effect(certificate: Certificate, present: bytes | None) -> Result:
    if present is None:
        return Result.NEW
    if present == certificate.der:
        return Result.SAME
    same = Certificate.from_der(present).public_key == certificate.public_key
    return Result.RENEWS if same else Result.REKEYS


def _name(certificate: Certificate) -> str:
    return certificate.common_name or certificate.subject.text[:100]
