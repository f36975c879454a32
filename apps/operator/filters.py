"""Filters that the operator has on lists of the apps below: by party, and by root.

For everybody else they offer nothing and filter nothing: a list holds their own rows alone.
"""

from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.actor import Actor, Role
from apps.core.web.filters import ChoiceFilter, Text
from apps.core.web.membership import viewer_of
from apps.participants import selectors as participants
from apps.participants.models import Organization
from apps.root_pool import selectors as roots
from apps.root_pool.models import RootCertificate

MAX_OPTIONS: Final = 500
State = RootCertificate.State


class _ReferenceFilter(ChoiceFilter):
    """The choice is a row's uuid; the field holds its primary key."""

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        viewer = viewer_of(request)
        rows = self.offered(viewer)[:MAX_OPTIONS] if viewer.has(Role.OPERATOR) else ()
        self.keys = {str(row.uuid): row.pk for row in rows}
        self.options = tuple((str(row.uuid), str(row)) for row in rows)

    def offered(self, viewer: Actor) -> QuerySet[Any]:
        """Return the rows that may be chosen."""
        raise NotImplementedError

    def has_output(self) -> bool:
        return bool(self.options)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.field: self.keys[self.value]}) if self.value else queryset


class OrganizationFilter(_ReferenceFilter):
    """One of the parties; of those with a role where one is named."""

    role: ClassVar[Role | None] = None

    def offered(self, viewer: Actor) -> QuerySet[Organization]:
        return parties(viewer, self.role)


class RootFilter(_ReferenceFilter):
    """One of the roots that chains end in, or did until it was removed."""

    def offered(self, viewer: Actor) -> QuerySet[RootCertificate]:
        return anchoring(viewer)


def parties(viewer: Actor, role: Role | None = None) -> QuerySet[Organization]:
    """Return the parties by name, those with the role only."""
    found = participants.visible_organizations(viewer=viewer).order_by("name")
    return found.filter(role_rows__role=role.value) if role else found


def anchoring(viewer: Actor) -> QuerySet[RootCertificate]:
    """Return the roots without those that were never trusted, by type and name."""
    rows = roots.visible(viewer).exclude(state__in=(State.SUBMITTED, State.REJECTED))
    return rows.order_by("root_type", "common_name", "pk")


def organization(
    field: str, title: Text, *, parameter: str, role: Role | None = None
) -> type[OrganizationFilter]:
    """Make the filter over a field that names an organisation."""
    made = {"field": field, "title": title, "parameters": (parameter,), "role": role}
    return type("NamedOrganizationFilter", (OrganizationFilter,), made)


def root(field: str, title: Text, *, parameter: str) -> type[RootFilter]:
    """Make the filter over a field that names a root."""
    made = {"field": field, "title": title, "parameters": (parameter,)}
    return type("NamedRootFilter", (RootFilter,), made)
