"""Reads of the CPS: who signs, and under which V2G root."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from apps.contract_pool import paths
from apps.contract_pool.paths import CheckedPath
from apps.contract_pool.vehicles import Vehicle
from apps.core.actor import Actor
from apps.core.errors import Invalid, Unavailable
from apps.keys import services as keys
from apps.participants import rights
from apps.provisioning_service.models import Signer
from apps.provisioning_service.signing import ReadySigner
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.pki.anchors import Anchors
from v2g.pki.profiles import CPS_LEAF
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerView:
    """A CPS certificate as OPCP lists it."""

    row: Signer
    root: TrustedRoot


def signers(*, viewer: Actor) -> list[SignerView]:
    """Return the CPS certificates that sign now, the newest root first (getAllCpsSigners)."""
    rights.require(viewer, rights.Operation.CPS_SIGNERS)
    found = []
    for row in _rows(timezone.now()):
        root = roots.trusted_by_pk(row.root_id)
        if root is not None:
            found.append(SignerView(row=row, root=root))
    return found


def ready(*, at: datetime) -> list[ReadySigner]:
    """Return the newest active signer of each trusted V2G root, the newest root first."""
    anchors = roots.anchors()
    found: dict[int, ReadySigner] = {}
    for row in _rows(at):
        if row.root_id not in found:
            path = _path(anchors, _chain(row), IsoVersion.parse(row.namespace))
            if path is not None and path.valid_from <= at <= path.valid_until:
                key = keys.private_key(row.key)
                found[row.root_id] = ReadySigner(path=paths.by_us(path, at=at), key=key)
    return list(found.values())


def choose(
    available: Sequence[ReadySigner],
    *,
    root: TrustedRoot | None = None,
    vehicle: Vehicle | None = None,
) -> list[ReadySigner]:
    """Choose who signs: under the named root, else under each V2G root that the vehicle carries.

    Without root and vehicle it is the newest root alone. Raises Invalid where nobody signs under
    what is asked for, Unavailable where there is no signer at all.
    """
    if not available:
        raise Unavailable("no_signer", "No CPS signing certificate is set up.")
    if root is not None:
        chosen = [one for one in available if one.path.root == root]
    elif vehicle is not None:
        chosen = [one for one in available if vehicle.carries(one.path.root)]
    else:
        chosen = [available[0]]
    if not chosen:
        raise Invalid("no_signer", "There is no CPS signing certificate under this V2G root.")
    return chosen


def end_of(signer: Signer) -> datetime:
    """Return when the signer or what stands above it ends, whichever is first (shell model)."""
    above = [signer.sub_ca2, signer.sub_ca1, signer.root]
    return min(signer.not_after, *(one.not_after for one in above if one is not None))


def _rows(at: datetime) -> list[Signer]:
    rows = Signer.objects.filter(active=True, not_before__lte=at, not_after__gte=at)
    return list(
        rows.select_related("key", "sub_ca2", "sub_ca1", "root").order_by(
            "-root__not_before", "-root_id", "-not_after", "-pk"
        )
    )


def _chain(row: Signer) -> tuple[bytes, ...]:
    above = [row.sub_ca2, row.sub_ca1]
    return (bytes(row.der), *(bytes(one.der) for one in above if one is not None))


@lru_cache(maxsize=64)
def _path(anchors: Anchors, chain: tuple[bytes, ...], version: IsoVersion) -> CheckedPath | None:
    """The path of a signer of ours; None once its root left."""
    try:
        return paths.find(paths.read(chain, what="CPS"), profile=CPS_LEAF, version=version)
    except Invalid:
        return None
