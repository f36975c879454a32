"""Provisioning certificates of vehicles enter the pool, or take the place of older ones.

OPCP addOEMProvCert, for one vehicle or a batch. In steps: read and check; network and cryptography
with no transaction open; one short transaction under the locks of the PCIDs (`entering`). What the
pool holds is looked at again under the locks, so of two who publish one vehicle at the same time
the second follows the first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.utils import timezone

from apps.core import transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Forbidden, Invalid
from apps.participants.rights import Operation, require, require_role
from apps.pki import status
from apps.pki.status import Known
from apps.provisioning_pool import checks, selectors
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.services import entering
from apps.provisioning_pool.services.entering import (
    Change,
    Outcome,
    Publication,
    Published,
    Work,
    own,
)
from v2g.ids import Pcid
from v2g.pki.chains import CheckedChain
from v2g.protocol import IsoVersion

MAX_BATCH: Final = 500


def publish(
    *,
    actor: Actor,
    chain: Chain,
    version: IsoVersion = IsoVersion.ISO_2,
    v2g_roots: Sequence[bytes] = (),
    previous_pcid: Pcid | None = None,
) -> ProvisioningCertificate:
    """Publish the certificate of one vehicle and return its row, see `publish_many`.

    Raises Forbidden for a foreign WMI or another owner, Invalid with OPCP's text for whatever
    fails a check. Never inside a transaction.
    """
    publication = Publication(
        chain=chain, version=version, v2g_roots=v2g_roots, previous_pcid=previous_pcid
    )
    outcome = publish_many(actor=actor, publications=[publication])[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome.row


def publish_many(
    *,
    actor: Actor,
    publications: Sequence[Publication],
    then: Callable[[Sequence[Outcome]], None] | None = None,
    heard: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Publish the certificates of at most 500 vehicles; each has an outcome of its own.

    The same certificate again changes nothing, and is refused if it was revoked since. Another one
    with the same key takes its place; with a new key contracts leave too (`signals.rekeyed`). What
    fails has its error as its outcome, the others enter in one transaction, inside which `then`
    gets all outcomes in the order of `publications`. `heard` is called before each request to a
    status service, so that who holds a lease may renew it. Raises Forbidden for who publishes
    nothing, and what `then` raises. Never inside a transaction.
    """
    require_role(actor, Operation.PCP_PUBLISH)
    if actor.organization_id is None:
        raise Forbidden("role", "A vehicle is published by an OEM, not by the system.")
    transactions.forbid("Publishing a vehicle")
    if len(publications) > MAX_BATCH:
        raise ValueError(f"At most {MAX_BATCH} vehicles are published at once")
    works = [Work(publication, actor.organization_id) for publication in publications]
    _each(works, partial(_read, actor))
    _each_once(works)
    _look(works)
    _verify(works, timezone.now(), heard)
    entering.enter(actor, works, then)
    return [work.settled for work in works]


def _each(works: Sequence[Work], step: Callable[[Work], None]) -> None:
    for work in works:
        if work.outcome is None:
            try:
                step(work)
            except DomainError as error:
                work.outcome = error


def _read(actor: Actor, work: Work) -> None:
    parsed = checks.parse(work.publication.chain)
    require(actor, Operation.PCP_PUBLISH, wmi=parsed.pcid.wmi)
    if work.publication.previous_pcid == parsed.pcid:
        raise Invalid("previous_pcid", "previousPcid : must be another PCID than the new one")
    work.parsed = parsed


def _each_once(works: Sequence[Work]) -> None:
    """A second certificate of one vehicle would have to wait for the first."""
    seen: set[Pcid] = set()
    for work in works:
        if work.outcome is None:
            if not seen.isdisjoint(work.names):
                work.outcome = Conflict("pcid_twice", "This vehicle is published already here.")
            seen.update(work.names)


def _look(works: Sequence[Work]) -> None:
    """What the pool has under these PCIDs must be the caller's own; the same is settled here."""
    present = entering.present(works)
    same: list[tuple[Work, ProvisioningCertificate]] = []

    def look(work: Work) -> None:
        row = own(work, present)
        if row and bytes(row.fingerprint) == work.read.vehicle.fingerprint:
            same.append((work, row))

    _each(works, look)
    _answer_same(same)


def _answer_same(same: Sequence[tuple[Work, ProvisioningCertificate]]) -> None:
    """Answer for what is in the pool already, unless it was revoked since."""
    if not same:
        return
    at = timezone.now()
    for work, row in same:
        work.outcome = Published(row, Change.SAME)
    for (work, row), known in zip(same, _known(same, at), strict=True):
        refusal = selectors.refusal(row, at=at) if known is Known.REVOKED else None
        if refusal is not None and refusal.code == "revoked":
            work.outcome = refusal


def _known(same: Sequence[tuple[Work, ProvisioningCertificate]], at: datetime) -> list[Known]:
    """What is stored about the status of each; OPEN for a path that does not hold any more."""
    versions = [IsoVersion.parse(row.namespace) for _, row in same]
    asked = [(work.read, version) for (work, _), version in zip(same, versions, strict=True)]
    found = checks.check_paths(asked, at=at)
    held = {n: one for n, one in enumerate(found) if isinstance(one, CheckedChain)}
    known = status.known_status(held)
    return [known.get(n, Known.OPEN) for n in range(len(same))]


def _verify(works: Sequence[Work], at: datetime, heard: Callable[[], None]) -> None:
    waiting = [work for work in works if work.outcome is None]
    asked = [(work.read, work.version) for work in waiting]
    for work, found in zip(waiting, checks.verify_many(asked, at=at, heard=heard), strict=True):
        if isinstance(found, Invalid):
            work.outcome = found
        else:
            work.accepted = found
