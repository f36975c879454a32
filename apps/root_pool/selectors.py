"""Reads of the RCP: anchors for path checks, lists for the parties."""

import re
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.db.models import QuerySet, Subquery

from apps.core.actor import Actor, Role
from apps.core.errors import NotFound
from apps.participants.rights import Operation, require
from apps.pki import locations
from apps.pki.models import Authority
from apps.pki.status import Source, StatusPolicy
from apps.root_pool import generation
from apps.root_pool.models import (
    CleansingDecision,
    Generation,
    RootCertificate,
    TrustStoreDownload,
)
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate

_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True)
class TrustedRoot:
    """One anchor as path checks need it; `pk` is its row."""

    pk: int
    certificate: Certificate
    kind: RootKind
    policy: StatusPolicy


@dataclass(frozen=True, slots=True)
class _Snapshot:
    generation: int
    by_fingerprint: Mapping[bytes, TrustedRoot]
    anchors: Anchors


_cached: dict[str, _Snapshot] = {}
_lock = threading.Lock()


def anchors(*, known_generation: int | None = None) -> Anchors:
    """Return all trusted roots, each with its kind; the path check picks the kinds it may end in.

    Kept in the process. A hot query that read `generation_now()` along gives its value and saves
    the query made here otherwise.
    """
    return _snapshot(known_generation).anchors


def trusted(fingerprint: bytes, *, known_generation: int | None = None) -> TrustedRoot | None:
    """Return the trusted root with that SHA-256, from the same cache."""
    return _snapshot(known_generation).by_fingerprint.get(fingerprint)


def trusted_by_pk(pk: int, *, known_generation: int | None = None) -> TrustedRoot | None:
    """Return the trusted root of that row, from the same cache; None once it was removed."""
    found = _snapshot(known_generation).by_fingerprint.values()
    return next((root for root in found if root.pk == pk), None)


def all_trusted(*, known_generation: int | None = None) -> Collection[TrustedRoot]:
    """Return every trusted root, from the same cache."""
    return _snapshot(known_generation).by_fingerprint.values()


def generation_now() -> Subquery:
    """An expression to annotate hot queries with, for `known_generation`; NULL means 0."""
    return Subquery(Generation.objects.filter(pk=1).values("number")[:1])


def policy_of(root: RootCertificate) -> StatusPolicy:
    """Say how the status of certificates below this root is learnt."""
    return StatusPolicy(
        order=tuple(Source(name) for name in root.status_order.split(",")),
        optional=root.status_optional,
        max_age=timedelta(days=root.status_max_age_days),
    )


def list_trusted(
    viewer: Actor, root_type: RootCertificate.Type | None = None
) -> QuerySet[RootCertificate]:
    """Return the roots that everybody trusts, oldest first (OPCP getAllRootCerts)."""
    require(viewer, Operation.RCP_READ)
    roots = RootCertificate.objects.trusted().order_by("pk")
    return roots.filter(root_type=root_type) if root_type else roots


def get(viewer: Actor, identifier: str) -> RootCertificate:
    """Return one trusted root by its uuid or SHA-256 (hex in any case, colons allowed).

    Raises NotFound with OPCP's text.
    """
    require(viewer, Operation.RCP_READ)
    found = _named(RootCertificate.objects.trusted(), identifier)
    if found is None:
        raise NotFound("root_unknown", "Root certificate with the given ID is not found")
    return found


def trust_store(viewer: Actor, root_type: RootCertificate.Type | None) -> list[Certificate]:
    """Return the trusted roots of one type, or all, for a vehicle's trust store.

    Raises NotFound where there is none: nobody wants to load an empty file.
    """
    found = [root.certificate for root in list_trusted(viewer, root_type)]
    if not found:
        raise NotFound("no_roots", "There is no trusted root certificate of this type.")
    return found


def downloads(viewer: Actor) -> QuerySet[TrustStoreDownload]:
    """Return what the viewer's organisation took when it last downloaded each trust store."""
    if viewer.organization_id is None:
        return TrustStoreDownload.objects.none()
    return TrustStoreDownload.objects.filter(organization_id=viewer.organization_id)


def crl_urls(roots: Sequence[RootCertificate]) -> dict[int, str]:
    """Map rows to where the CRL of each root is: what the root says itself, else ours, else "".

    Our own roots name no status service; their list is where our authorities publish.
    """
    fingerprints = [bytes(root.fingerprint) for root in roots]
    ours = {
        bytes(authority.fingerprint): locations.crl_url(authority)
        for authority in Authority.objects.filter(fingerprint__in=fingerprints)
    }
    return {
        root.pk: next(iter(root.certificate.extensions.crl_urls), "")
        or ours.get(bytes(root.fingerprint), "")
        for root in roots
    }


def visible(viewer: Actor) -> QuerySet[RootCertificate]:
    """Return what the portal lists: the operator sees every state, others only trusted roots."""
    require(viewer, Operation.RCP_READ)
    if viewer.has(Role.OPERATOR):
        return RootCertificate.objects.all()
    return RootCertificate.objects.trusted()


def cleansing_decisions(viewer: Actor) -> QuerySet[CleansingDecision]:
    """Return the questions about CAs that count no more, for the operator alone."""
    if viewer.has(Role.OPERATOR):
        return CleansingDecision.objects.select_related("root", "sub_ca")
    return CleansingDecision.objects.none()


def _named(roots: QuerySet[RootCertificate], identifier: str) -> RootCertificate | None:
    digest = identifier.replace(":", "")
    if _FINGERPRINT.fullmatch(digest):
        return roots.filter(fingerprint=bytes.fromhex(digest)).first()
    try:
        return roots.filter(uuid=uuid.UUID(identifier)).first()
    except ValueError:
        return None


def _snapshot(known_generation: int | None) -> _Snapshot:
    number = generation.current() if known_generation is None else known_generation
    snapshot = _cached.get("anchors")
    if snapshot is None or snapshot.generation != number:
        with _lock:
            snapshot = _load(number)
            _cached["anchors"] = snapshot
    return snapshot


def _load(number: int) -> _Snapshot:
    """The number was read before the rows: a change in between is only noticed once more."""
    roots = [
        TrustedRoot(row.pk, row.certificate, RootKind(row.root_type), policy_of(row))
        for row in RootCertificate.objects.trusted()
    ]
    return _Snapshot(
        number,
        MappingProxyType({root.certificate.fingerprint: root for root in roots}),
        Anchors(Anchor(root.certificate, root.kind) for root in roots),
    )
