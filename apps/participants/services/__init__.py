"""Writing participants: organisations, identifiers, members, API clients, token keys."""

from apps.participants.services.clients import (
    create_client,
    replace_secret,
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
from apps.participants.services.members import create_member, remove_member, set_member_right
from apps.participants.services.organizations import (
    add_role,
    change_settings,
    create_organization,
    remove_role,
    set_active,
)
from apps.participants.services.token_keys import (
    ensure_token_key,
    forget_retired_token_keys,
    roll_token_key,
    roll_token_key_when_due,
)

__all__ = [
    "add_role",
    "assign_operator_id",
    "assign_provider_id",
    "assign_wmi",
    "change_settings",
    "create_client",
    "create_member",
    "create_organization",
    "ensure_token_key",
    "forget_retired_token_keys",
    "release_operator_id",
    "release_provider_id",
    "release_wmi",
    "remove_member",
    "remove_role",
    "replace_secret",
    "roll_token_key",
    "roll_token_key_when_due",
    "set_active",
    "set_client_enabled",
    "set_client_roles",
    "set_member_right",
]
