"""The detail pages of organisations, people and API clients."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.audit.pages import history_tab
from apps.core.actor import Actor, Right, Role
from apps.core.web import display, wording
from apps.core.web.display import Badge
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard
from apps.participants import membership
from apps.participants.forms import RIGHTS as RIGHT_CHOICES
from apps.participants.models import ApiClient, Member, Organization

RIGHTS = {Right(value): label for value, label in RIGHT_CHOICES}


def roles_of(names: Iterable[str]) -> str:
    """Name roles in words."""
    known = [Role(name) for name in names]
    return ", ".join(str(wording.ROLES[role]) for role in Role if role in known)


def active_badge(*, active: bool) -> Badge:
    """Say whether an organisation takes part."""
    return Badge(_("Active"), "success") if active else Badge(_("Inactive"))


def enabled_badge(client: ApiClient) -> Badge:
    """Say whether an API client may call."""
    return Badge(_("Enabled"), "success") if client.enabled else Badge(_("Disabled"))


def organization_page(organization: Organization, viewer: Actor) -> Page:
    """An organisation with its identifiers, people and backends."""
    roles = roles_of(row.role for row in organization.role_rows.all())
    cards = (_identifiers(organization), _settings(organization))
    return Page(
        heading=organization.name,
        badges=(active_badge(active=organization.active),),
        line=roles or _("No role yet"),
        tabs=(
            Tab(key="organisation", title=_("Organisation"), cards=cards),
            Tab(
                key="access",
                title=_("People and API clients"),
                cards=(_members(organization), _clients(organization)),
            ),
            history_tab(viewer, "organization", str(organization.uuid)),
        ),
    )


def client_page(client: ApiClient, viewer: Actor) -> Page:
    """An API client: what it may do, never its secret."""
    organization = reverse(
        "admin:participants_organization_change", args=[client.organization.uuid]
    )
    facts = (
        Fact(label=_("Client id"), value=client.client_id, code=True, copy=True),
        Fact(label=_("Organisation"), value=client.organization.name, href=organization),
        Fact(label=_("Roles"), value=roles_of(client.roles)),
        Fact(label=_("Created"), value=display.moment(client.created)),
        Fact(label=_("Last used"), value=display.moment_cell(client.last_used_at)),
        Fact(label=_("Secrets"), value=_secrets(client)),
    )
    return Page(
        heading=str(client),
        badges=(enabled_badge(client),),
        line=_("API client of %(organization)s") % {"organization": client.organization.name},
        tabs=(
            Tab(
                key="client",
                title=_("API client"),
                cards=(FactsCard(title=_("API client"), facts=facts),),
            ),
            history_tab(viewer, "api_client", client.client_id),
        ),
    )


def member_badge(member: Member) -> Badge:
    """Say whether a person has come already."""
    if not member.user.is_active:
        return Badge(_("Switched off"), "danger")
    if not member.user.has_usable_password() and member.user.last_login is None:
        return Badge(_("Invited"), "warning")
    return Badge(_("Active"), "success")


def member_page(member: Member, viewer: Actor) -> Page:
    """A person in an organisation."""
    user, organization = member.user, member.organization
    address = reverse("admin:participants_organization_change", args=[organization.uuid])
    facts = (
        Fact(label=_("E-mail"), value=user.email, copy=True),
        Fact(label=_("Organisation"), value=organization.name, href=address),
        Fact(label=_("Right"), value=RIGHTS[member.right]),
        Fact(label=_("Last log-in"), value=display.moment_cell(user.last_login)),
        Fact(label=_("Account since"), value=display.moment(user.date_joined)),
    )
    card = FactsCard(title=_("Member"), facts=facts)
    return Page(
        heading=str(member),
        badges=(member_badge(member),),
        line=_("Member of %(organization)s") % {"organization": organization.name},
        tabs=(
            Tab(key="member", title=_("Member"), cards=(card,)),
            history_tab(viewer, "user", str(user.pk)),
        ),
    )


def _secrets(client: ApiClient) -> str:
    if len(client.secret_hashes) > 1:
        return _("Two are valid: retire the older one when the backend has changed over")
    return _("One, shown when it was made")


def _identifiers(organization: Organization) -> Card:
    kinds = (
        (_("WMIs"), organization.wmis.all(), _("first 3 characters of its vehicles' PCIDs")),
        (_("Provider ids"), organization.providerids.all(), _("first 5 characters of its EMAIDs")),
        (
            _("Operator ids"),
            organization.operatorids.all(),
            _("first 5 characters of its EVSE ids"),
        ),
    )
    facts = tuple(
        Fact(label=label, value=", ".join(str(row) for row in rows), note=note, code=True)
        for label, rows, note in kinds
    )
    return FactsCard(title=_("Identifiers"), facts=facts)


def _settings(organization: Organization) -> Card:
    days = _("%(count)s days before the end") % {"count": organization.renewal_window_days}
    pki = _("Yes") if organization.own_pki else _("No, the V2G MO CA signs for it")
    return FactsCard(
        title=_("Settings"),
        facts=(
            Fact(label=_("Own MO PKI"), value=pki),
            Fact(label=_("Contract renewal"), value=days),
            Fact(label=_("Joined"), value=display.moment(organization.created_at)),
            Fact(label=_("Id"), value=str(organization.uuid), code=True, copy=True),
        ),
    )


def _members(organization: Organization) -> Card:
    rows = tuple(
        Row(cells=(user.name or user.email, user.email, RIGHTS[right]))
        for user, right in membership.members_of(organization)
    )
    return TableCard(
        title=_("People"),
        columns=(_("Name"), _("E-mail"), _("Right")),
        rows=rows,
        empty=_("Nobody can log in for this organisation yet."),
    )


def _clients(organization: Organization) -> Card:
    rows = tuple(
        Row(
            href=reverse("admin:participants_apiclient_change", args=[client.client_id]),
            cells=(str(client), enabled_badge(client)),
        )
        for client in organization.clients.order_by("name", "pk")
    )
    return TableCard(
        title=_("API clients"),
        columns=(_("Name"), _("Status")),
        rows=rows,
        empty=_("No backend of this organisation calls the API yet."),
    )
