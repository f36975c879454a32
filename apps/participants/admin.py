"""Organisations, their people and their API clients in the portal."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.audit.admin import AuditEventAdmin
from apps.core.actor import Actor
from apps.core.web import display, filters
from apps.core.web.admin import EVERYBODY, ScopedAdmin
from apps.core.web.exporting import Column, columns
from apps.core.web.making import Making
from apps.core.web.navigation import Group
from apps.core.web.pages import Page
from apps.core.web.revealing import Revealing
from apps.participants import admitting, decisions, pages, selectors
from apps.participants.forms import RIGHTS
from apps.participants.models import ApiClient, Member, Organization
from apps.participants.who import WhoFilter

AuditEventAdmin.extend(filters=[WhoFilter])

YES_NO = (("True", _("Yes")), ("False", _("No")))


@admin.register(Organization)
class OrganizationAdmin(Making, ScopedAdmin):
    """The party itself; all parties for the operator."""

    slug = "organizations"
    roles = EVERYBODY
    menu_title = _("Organisations")
    menu_icon = "apartment"
    menu_group = Group.ACCESS
    menu_order = 10
    url_field = "uuid"
    ordering = ("name",)
    list_display = ("name_column", "roles_column", "joined", "status")
    sortable_by = ("name_column",)
    list_filter = (filters.choice("active", _("Active"), YES_NO),)
    search_fields = ("name__istartswith",)
    search_help_text = _("Name, from its beginning")
    export_columns = (
        *columns(name="name"),
        Column("roles", lambda one: " ".join(sorted(row.role for row in one.role_rows.all()))),
        *columns(joined="created_at", active="active", id="uuid"),
    )
    making_pages = (admitting.AdmitOrganization(),)
    action_pages = (
        admitting.ChangeSettings(),
        admitting.AssignIdentifier(),
        admitting.ChangeRoles(),
        admitting.Reactivate(),
        admitting.ReleaseIdentifier(),
        admitting.Deactivate(),
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible_organizations(viewer=viewer).prefetch_related("role_rows")

    @admin.display(description=_("Name"), ordering="name")
    def name_column(self, organization: Organization) -> str:
        return organization.name

    @admin.display(description=_("Roles"))
    def roles_column(self, organization: Organization) -> str:
        return pages.roles_of(row.role for row in organization.role_rows.all())

    @admin.display(description=_("Joined"))
    def joined(self, organization: Organization) -> SafeString | str:
        return display.date_cell(organization.created_at)

    @admin.display(description=_("Status"))
    def status(self, organization: Organization) -> SafeString:
        return display.badge(pages.active_badge(active=organization.active))

    def page(self, organization: Organization, viewer: Actor) -> Page:
        return pages.organization_page(organization, viewer)


@admin.register(ApiClient)
class ApiClientAdmin(Making, Revealing, ScopedAdmin):
    """Backends of the party; all for the operator. Secrets are never shown."""

    slug = "api-clients"
    roles = EVERYBODY
    menu_title = _("API clients")
    menu_icon = "key"
    menu_group = Group.ACCESS
    menu_order = 20
    empty_text = _("An API client lets a backend call the API in the name of an organisation.")
    url_field = "client_id"
    ordering = ("name", "pk")
    list_display = ("name_column", "client_id_column", "roles_column", "used", "status")
    sortable_by = ("name_column",)
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    list_filter = (filters.choice("enabled", _("Enabled"), YES_NO),)
    search_fields = ("name__istartswith", "client_id__startswith")
    search_help_text = _("Name or client id, from its beginning")
    export_columns = columns(
        name="name",
        client_id="client_id",
        organisation="organization",
        enabled="enabled",
        last_used="last_used_at",
    )
    making_pages = (decisions.CreateClient(),)
    action_pages = (
        decisions.ChangeClientRoles(),
        decisions.AddSecret(),
        decisions.EnableClient(),
        decisions.RetireSecret(),
        decisions.ReplaceSecret(),
        decisions.DisableClient(),
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible_clients(viewer=viewer)

    @admin.display(description=_("Name"), ordering="name")
    def name_column(self, client: ApiClient) -> str:
        return str(client)

    @admin.display(description=_("Organisation"))
    def organization_column(self, client: ApiClient) -> str:
        return str(client.organization)

    @admin.display(description=_("Client id"))
    def client_id_column(self, client: ApiClient) -> SafeString | str:
        return display.code(client.client_id)

    @admin.display(description=_("Roles"))
    def roles_column(self, client: ApiClient) -> str:
        return pages.roles_of(client.roles)

    @admin.display(description=_("Last used"))
    def used(self, client: ApiClient) -> SafeString | str:
        return display.moment_cell(client.last_used_at)

    @admin.display(description=_("Status"))
    def status(self, client: ApiClient) -> SafeString:
        return display.badge(pages.enabled_badge(client))

    def page(self, client: ApiClient, viewer: Actor) -> Page:
        return pages.client_page(client, viewer)


@admin.register(Member)
class MemberAdmin(Making, Revealing, ScopedAdmin):
    """The people of the party; all for the operator."""

    slug = "members"
    roles = EVERYBODY
    menu_title = _("People")
    menu_icon = "group"
    menu_group = Group.ACCESS
    menu_order = 15
    empty_text = _("Invite the people who work for your organisation.")
    ordering = ("user__email", "pk")
    list_display = ("name_column", "email_column", "right_column", "seen", "status")
    sortable_by = ("email_column",)
    operator_columns = ("organization_column",)
    list_filter = (filters.choice("permission__codename", _("Right"), RIGHTS, parameter="right"),)
    search_fields = ("user__email__istartswith", "user__name__istartswith")
    search_help_text = _("Name or e-mail, from its beginning")
    export_columns = columns(
        name="user__name", email="user__email", right="right", organisation="works_for"
    )
    making_pages = (decisions.InviteMember(),)
    action_pages = (
        decisions.ChangeRight(),
        decisions.RenewInvitation(),
        decisions.RemoveMember(),
    )

    def visible_to(self, viewer: Actor) -> Any:
        return selectors.visible_members(viewer=viewer)

    @admin.display(description=_("Name"))
    def name_column(self, member: Member) -> str:
        return str(member)

    @admin.display(description=_("Organisation"))
    def organization_column(self, member: Any) -> str:
        return str(member.works_for)

    @admin.display(description=_("E-mail"), ordering="user__email")
    def email_column(self, member: Member) -> str:
        return str(member.user.email)

    @admin.display(description=_("Right"))
    def right_column(self, member: Member) -> str:
        return str(pages.RIGHTS[member.right])

    @admin.display(description=_("Last log-in"))
    def seen(self, member: Member) -> SafeString | str:
        return display.moment_cell(member.user.last_login)

    @admin.display(description=_("Status"))
    def status(self, member: Member) -> SafeString:
        return display.badge(pages.member_badge(member))

    def page(self, member: Member, viewer: Actor) -> Page:
        return pages.member_page(member, viewer)
