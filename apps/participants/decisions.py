"""What is done with API clients and members."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.web.actions import ActionPage
from apps.core.web.decisions import FormPage
from apps.core.web.making import Made, MakingPage
from apps.core.web.pages import Fact, Text
from apps.core.web.revealing import Secret, SecretPage
from apps.participants import forms, membership, rights, services
from apps.participants.models import ApiClient, Member
from apps.participants.rights import Operation


class CreateClient(MakingPage):
    """A backend, with its secret shown once."""

    key = "create"
    label = _("Create an API client")
    words = FormPage(
        title=_("Create an API client"),
        lead=_("A backend calls the API with its client id and its secret."),
        button=_("Create"),
        done="",
    )
    form = forms.NewClientForm
    fields = {"name": "name", "roles": "roles"}
    fresh = True

    def may(self, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.CLIENTS_MANAGE)

    def run(self, actor: Actor, typed: Mapping[str, Any]) -> Made:
        given = {name: typed[name] for name in ("organization", "name", "roles")}
        row, secret = services.create_client(actor=actor, identifier=typed["once"], **given)
        return Made(row=row, secret=_secret(row, secret, _("The API client is ready to call.")))


class _OnClient(ActionPage):
    fresh = True

    def may(self, client: ApiClient, viewer: Actor) -> bool:
        owner = client.organization_id
        return rights.may_on(viewer, Operation.CLIENTS_MANAGE, organization_id=owner)


class ChangeClientRoles(_OnClient):
    """What the backend may do."""

    key = "change-roles"
    label = _("Change roles")
    title = _("Change the roles of this API client")
    done = _("The roles of %(name)s were changed. They hold within seconds.")
    tone = "primary"
    form = forms.ClientRolesForm
    fields = {"roles": "roles"}

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> None:
        services.set_client_roles(actor=actor, client=client, roles=typed["roles"])


class AddSecret(_OnClient, SecretPage):
    """The first half of a roll-over."""

    key = "add-secret"
    label = _("Add a second secret")
    title = _("Add a second secret?")
    lead = _("Both are valid until you retire the older one, so the backend can change over.")
    late = _("It has two secrets already. Retire the older one first.")
    tone = "primary"

    def fits(self, client: ApiClient) -> bool:
        return len(client.secret_hashes) == 1

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> Secret:
        secret = services.add_secret(actor=actor, client=client)
        after = _("Give it to the backend, then retire the older secret.")
        return _secret(client, secret, _("The older secret is valid as well for now."), after)


class RetireSecret(_OnClient):
    """The second half of a roll-over."""

    key = "retire-secret"
    label = _("Retire the older secret")
    title = _("Retire the older secret?")
    lead = _("A backend that still uses it gets no new token from now on.")
    done = _("The older secret of %(name)s was retired.")
    late = _("It has one secret only.")

    def fits(self, client: ApiClient) -> bool:
        return len(client.secret_hashes) == 2

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> None:
        services.retire_secret(actor=actor, client=client)


class ReplaceSecret(_OnClient, SecretPage):
    """For a secret that others may know."""

    key = "replace-secret"
    label = _("Replace the secret")
    title = _("Replace the secret at once?")
    lead = _("What it has now ends at once: for a secret that others may know.")
    typed = _("Type the client id to confirm")

    def expected(self, client: ApiClient) -> str:
        return client.client_id

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> Secret:
        secret = services.replace_secret(actor=actor, client=client)
        return _secret(client, secret, _("Secrets from before are not valid any more."))


class DisableClient(_OnClient):
    """No calls until it is enabled."""

    key = "disable"
    label = _("Disable")
    title = _("Disable this API client?")
    lead = _("Its calls are refused within seconds, also with tokens that it has.")
    done = _("%(name)s is disabled.")

    def fits(self, client: ApiClient) -> bool:
        return client.enabled

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> None:
        services.set_client_enabled(actor=actor, client=client, enabled=False)


class EnableClient(_OnClient):
    """Calls again."""

    key = "enable"
    label = _("Enable")
    title = _("Enable this API client?")
    done = _("%(name)s is enabled. It may call within seconds.")
    tone = "primary"

    def fits(self, client: ApiClient) -> bool:
        return not client.enabled

    def run(self, actor: Actor, client: ApiClient, typed: Mapping[str, Any]) -> None:
        services.set_client_enabled(actor=actor, client=client, enabled=True)


def _secret(client: ApiClient, secret: str, lead: Text, after: Text = "") -> Secret:
    return Secret(
        title=_("Secret of %(name)s") % {"name": client},
        lead=lead,
        facts=(
            Fact(label=_("Client id"), value=client.client_id, code=True, copy=True),
            Fact(label=_("Secret"), value=secret, code=True, copy=True),
        ),
        next=after,
    )


class InviteMember(MakingPage):
    """A person; the link that sets a password is shown once."""

    key = "invite"
    label = _("Invite somebody")
    icon = "person_add"
    words = FormPage(
        title=_("Invite somebody"),
        lead=_("Who has no account yet gets one, and a link that sets its password."),
        button=_("Invite"),
        done=_("%(name)s is a member. They log in with the account they have."),
    )
    form = forms.NewMemberForm
    fields = {"email": "email", "already_member": "email"}
    fresh = True

    def may(self, viewer: Actor) -> bool:
        return rights.may(viewer, Operation.MEMBERS_MANAGE)

    def run(self, actor: Actor, typed: Mapping[str, Any]) -> Made:
        given = {name: typed[name] for name in ("organization", "email", "name", "right")}
        made = services.invite_member(actor=actor, **given)
        row = Member.objects.get(pk__in=membership.rows_of(given["organization"]), user=made.user)
        return Made(row=row, secret=_link(row, made) if made.path else None)


class _OnMember(ActionPage):
    fresh = True
    fields = {"last_admin": "right"}

    def may(self, member: Member, viewer: Actor) -> bool:
        of = int(member.object_pk)
        return rights.may_on(viewer, Operation.MEMBERS_MANAGE, organization_id=of)


class RenewInvitation(_OnMember, SecretPage):
    """For a link that got lost or ran out."""

    key = "new-link"
    label = _("New invitation link")
    title = _("Make another invitation link?")
    lead = _("For somebody who has set no password yet.")
    late = _("This person has an account and asks for a link at log-in.")
    tone = "primary"

    def fits(self, member: Member) -> bool:
        return services.is_invited(member.user, member.organization)

    def run(self, actor: Actor, member: Member, typed: Mapping[str, Any]) -> Secret:
        made = services.renew_invitation(
            actor=actor, organization=member.organization, user=member.user
        )
        return _link(member, made)


class ChangeRight(_OnMember):
    """What a member may do."""

    key = "change-right"
    label = _("Change the right")
    title = _("Change the right of this member")
    done = _("The right of %(name)s was changed. It holds at once.")
    tone = "primary"
    form = forms.RightForm

    def run(self, actor: Actor, member: Member, typed: Mapping[str, Any]) -> None:
        services.set_member_right(
            actor=actor, organization=member.organization, user=member.user, right=typed["right"]
        )


class RemoveMember(_OnMember):
    """End a membership."""

    key = "remove"
    label = _("Remove")
    title = _("Remove this member?")
    lead = _("The person sees nothing of the organisation any more, from the next page on.")
    done = _("%(name)s is not a member any more.")
    typed = _("Type the e-mail address to confirm")
    fields = {"last_admin": "typed"}

    def expected(self, member: Member) -> str:
        return str(member.user.email)

    def run(self, actor: Actor, member: Member, typed: Mapping[str, Any]) -> None:
        services.remove_member(actor=actor, organization=member.organization, user=member.user)


def _link(member: Member, made: services.Invitation) -> Secret:
    link = f"{str(settings.PUBLIC_URL).rstrip('/')}{made.path}"
    lead = (
        _("A link is on its way to %(email)s by e-mail. You may hand this one over as well.")
        if made.is_mailed
        else _("Hand this link to %(email)s yourself.")
    )
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return Secret(
        title=_("Invitation of %(name)s") % {"name": member},
        lead=lead % {"email": member.user.email},
        facts=(Fact(label=_("Link"), value=link, code=True, copy=True),),
        next=_("It sets a password, once, within %(hours)s hours. Whoever has it can use it.")
        % {"hours": hours},
    )
