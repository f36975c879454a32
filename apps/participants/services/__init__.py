"""Writing participants: organisations, identifiers, members, API clients, token keys."""

from apps.participants.services.clients import (
    add_secret,
    create_client,
    replace_secret,
    retire_secret,
    set_client_enabled,
    set_client_roles,
)
from apps.participants.services.identifiers import (
    assign_operator_id,
    assign_provider_id,
    assign_wmi,
    release_operator_id,
    release_provider_id,
    release_wmi,
)
from apps.participants.services.mails import is_mailing, order_mail, send_mail, sweep_mails
from apps.participants.services.members import (
    Invitation,
    create_member,
    invite_member,
    is_invited,
    remove_member,
    renew_invitation,
    set_member_right,
)
from apps.participants.services.organizations import (
    add_role,
    change_settings,
    create_organization,
    remove_role,
    set_active,
    set_roles,
)
from apps.participants.services.token_keys import (
    ensure_token_key,
    forget_retired_token_keys,
    roll_token_key,
    roll_token_key_when_due,
)

__all__ = [
    "Invitation",
    "add_role",
    "add_secret",
    "assign_operator_id",
    "assign_provider_id",
    "assign_wmi",
    "change_settings",
    "create_client",
    "create_member",
    "create_organization",
    "ensure_token_key",
    "forget_retired_token_keys",
    "invite_member",
    "is_invited",
    "is_mailing",
    "order_mail",
    "release_operator_id",
    "release_provider_id",
    "release_wmi",
    "remove_member",
    "remove_role",
    "renew_invitation",
    "replace_secret",
    "retire_secret",
    "roll_token_key",
    "roll_token_key_when_due",
    "send_mail",
    "set_active",
    "set_client_enabled",
    "set_client_roles",
    "set_member_right",
    "set_roles",
    "sweep_mails",
]
