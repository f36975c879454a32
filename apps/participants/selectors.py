"""Reading participants: actors for clients and members, and who owns an identifier."""

from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from structlog.contextvars import get_contextvars

from apps.core.actor import Actor, ActorKind, Right, Role
from apps.core.errors import Forbidden, NotFound
from apps.participants import membership, models
from apps.participants.models import ApiClient, Member, Organization, OrganizationRole, User
from v2g.ids import OperatorId, ProviderId, Wmi

_HELD: Final = (
    ("role", OrganizationRole, "role"),
    ("wmi", models.Wmi, "value"),
    ("provider_id", models.ProviderId, "value"),
    ("operator_id", models.OperatorId, "value"),
)
_HELD_QUERY: Final = " UNION ALL ".join(
    f"SELECT '{kind}', {column} FROM {model._meta.db_table} WHERE organization_id = %s"  # noqa: S608, SLF001  names of our own tables
    for kind, model, column in _HELD
)


def actor_of_client(client_id: str) -> Actor:
    """Read the record of an API client and return what it is today.

    Its roles are those it was given and its organisation still has. Raises Forbidden
    (`client_disabled`) for a client that is unknown, disabled, or of an inactive organisation.
    """
    client = (
        ApiClient.objects.select_related("organization")
        .filter(client_id=client_id, enabled=True, organization__active=True)
        .first()
    )
    if client is None:
        raise Forbidden("client_disabled", "This API client is not enabled.")
    return actor_of(client)


def actor_of(client: ApiClient) -> Actor:
    """Return what an API client is that was read a moment ago and may be used."""
    return _actor(
        ActorKind.CLIENT,
        client.client_id,
        str(client),
        client.organization,
        Right.EDITOR,
        only=frozenset(Role(role) for role in client.roles),
    )


def actor_of_member(*, user: AbstractBaseUser | AnonymousUser, organization: Organization) -> Actor:
    """Return the actor of a person who works for an organisation now.

    Raises Forbidden (`not_a_member`) without a membership, for an inactive person or organisation.
    """
    right = membership.right_of(user, organization)
    if right is None or not isinstance(user, User):
        raise Forbidden("not_a_member", "You are not a member of this organisation.")
    return _actor(ActorKind.PERSON, str(user.pk), str(user), organization, right)


def actor_for(*, organization: Organization, part: str) -> Actor:
    """Return the actor for work that a command of the host does for an organisation.

    It has the roles and identifiers of the organisation and no others. Raises Forbidden
    (`inactive`) for an organisation that is not active.
    """
    if not organization.active:
        raise Forbidden("inactive", "This organisation is not active.")
    return _actor(ActorKind.SYSTEM, part, part, organization, Right.EDITOR)


def organizations_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Organization]:
    """Return the organisations a person may work for."""
    return membership.organizations_of(user)


def visible_organizations(*, viewer: Actor) -> QuerySet[Organization]:
    """Return what a viewer may see: its own organisation; the operator sees all."""
    if viewer.kind is ActorKind.SYSTEM or viewer.has(Role.OPERATOR):
        return Organization.objects.all()
    if viewer.organization_id is None:
        return Organization.objects.none()
    return Organization.objects.filter(pk=viewer.organization_id)


def visible_clients(*, viewer: Actor) -> QuerySet[ApiClient]:
    """Return the API clients of the organisations that a viewer may see."""
    return ApiClient.objects.filter(organization__in=visible_organizations(viewer=viewer))


def visible_members(*, viewer: Actor) -> QuerySet[Member]:
    """Return the members of the organisations that a viewer may see, each with `works_for`."""
    rows = Member.objects.filter(pk__in=membership.rows_of().values("pk"))
    if viewer.kind is not ActorKind.SYSTEM and not viewer.has(Role.OPERATOR):
        rows = rows.filter(object_pk=str(viewer.organization_id))
    named = Organization.objects.filter(pk=Cast(OuterRef("object_pk"), BigIntegerField()))
    found: QuerySet[Member] = rows.annotate(works_for=Subquery(named.values("name")[:1]))
    return found.select_related("user", "permission")


def organization(*, viewer: Actor, uuid: str) -> Organization:
    """Return one organisation that the viewer may see. Raises NotFound."""
    found = visible_organizations(viewer=viewer).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("organization_unknown", "There is no such organisation.")
    return found


def owner_of_wmi(wmi: Wmi) -> Organization | None:
    """Return the organisation that a WMI was assigned to."""
    row = models.Wmi.objects.select_related("organization").filter(value=str(wmi)).first()
    return row.organization if row else None


def owner_of_provider_id(provider_id: ProviderId) -> Organization | None:
    """Return the organisation that a provider id was assigned to."""
    rows = models.ProviderId.objects.select_related("organization")
    row = rows.filter(value=str(provider_id)).first()
    return row.organization if row else None


def owner_of_operator_id(operator_id: OperatorId) -> Organization | None:
    """Return the organisation that an operator id was assigned to."""
    rows = models.OperatorId.objects.select_related("organization")
    row = rows.filter(value=str(operator_id)).first()
    return row.organization if row else None


def roles_of(organization: Organization) -> frozenset[Role]:
    """Return the roles of an organisation."""
    return frozenset(Role(role) for role in organization.role_rows.values_list("role", flat=True))


def _actor(
    kind: ActorKind,
    identifier: str,
    label: str,
    organization: Organization,
    right: Right,
    *,
    only: frozenset[Role] | None = None,
) -> Actor:
    held = _held(organization)
    roles = frozenset(Role(role) for role in held["role"])
    return Actor(
        kind=kind,
        identifier=identifier,
        label=label[:150],
        organization_id=organization.pk,
        roles=roles if only is None else roles & only,
        own_pki=organization.own_pki,
        wmis=frozenset(held["wmi"]),
        provider_ids=frozenset(held["provider_id"]),
        operator_ids=frozenset(held["operator_id"]),
        right=right,
        request_id=str(get_contextvars().get("request_id", "")),
    )


def _held(organization: Organization) -> dict[str, list[str]]:
    """Return roles and identifiers of an organisation by their kind, in one query.

    Written out: every token and every fresh record needs it, and making the text anew costs more
    than the query itself.
    """
    held: dict[str, list[str]] = {kind: [] for kind, _, _ in _HELD}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_QUERY, [organization.pk] * len(_HELD))
        for kind, value in cursor.fetchall():
            held[kind].append(value)
    return held
