"""The page of the trust store: the roots by type, and what changed since the last download."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor, Role
from apps.core.web import display
from apps.core.web.display import Badge
from apps.root_pool import selectors
from apps.root_pool.models import RootCertificate, TrustStoreDownload

Type = RootCertificate.Type

FORMS: Final = (("pem", _("PEM")), ("p7b", _("P7B")), ("zip", _("ZIP of DER")))
PURPOSES: Final[dict[str, Any]] = {
    Type.V2G: _("Vehicles check charge points and contract data against these."),
    Type.OEM: _("Provisioning certificates of vehicles end here."),
    Type.MO: _("Contract certificates of mobility operators end here."),
    Type.PE: _("Private environments: depots and homes of one owner."),
}
_TYPES: Final = (Type.V2G, Type.OEM, Type.MO)


@dataclass(frozen=True, slots=True)
class Change:
    """A root that came or left since the last download."""

    name: str
    fingerprint: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The roots of one type."""

    root_type: Type
    purpose: Any
    roots: tuple[RootCertificate, ...]
    changes: tuple[Change, ...]
    last: TrustStoreDownload | None

    @property
    def when(self) -> Any:
        return display.moment(self.last.downloaded_at) if self.last else ""

    @property
    def rows(self) -> tuple[tuple[RootCertificate, Any, Badge], ...]:
        """Each root with its end and how it stands."""
        return tuple(
            (root, display.day(root.not_after), display.validity(root.not_before, root.not_after))
            for root in self.roots
        )


def trust_stores(viewer: Actor) -> tuple[TrustStore, ...]:
    """Return the trust stores that the viewer's role needs, V2G first."""
    types = (*_TYPES, Type.PE) if viewer.has(Role.CPO) else _TYPES
    taken = {Type(one.root_type): one for one in selectors.downloads(viewer)}
    return tuple(_store(viewer, one, taken.get(one)) for one in types)


def _store(viewer: Actor, root_type: Type, last: TrustStoreDownload | None) -> TrustStore:
    roots = tuple(selectors.list_trusted(viewer, root_type))
    changes = tuple(_changes(roots, last)) if last else ()
    return TrustStore(root_type, PURPOSES[root_type], roots, changes, last)


def _changes(roots: tuple[RootCertificate, ...], last: TrustStoreDownload) -> Iterator[Change]:
    now = {bytes(root.fingerprint).hex(): root.common_name for root in roots}
    for digest, name in now.items():
        if digest not in last.roots:
            yield Change(name, digest.upper(), Badge(_("Added"), "success"))
    for digest, name in last.roots.items():
        if digest not in now:
            yield Change(name, digest.upper(), Badge(_("Removed"), "danger"))
