"""What roles and audited actions are called on pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.actor import ActorKind, Role
from apps.core.web.display import Tone

Text = str | Promise

ROLES: Final[dict[Role, Text]] = {
    Role.OEM: _("Car maker"),
    Role.MO: _("Mobility operator"),
    Role.CPO: _("Charge point operator"),
    Role.CPS: _("Provisioning service"),
    Role.OPERATOR: _("Ecosystem operator"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """An action in words, with its symbol and tone."""

    text: Text
    icon: str = "history"
    tone: Tone = "info"


ACTIONS: Final[dict[str, Words]] = {
    "root_pool.submit": Words(_("Root submitted"), "account_balance"),
    "root_pool.confirm": Words(_("Root trusted"), "account_balance", "success"),
    "root_pool.reject": Words(_("Root rejected"), "account_balance", "warning"),
    "root_pool.ask_removal": Words(_("Removal of a root asked"), "account_balance", "warning"),
    "root_pool.remove": Words(_("Root removed"), "account_balance", "danger"),
    "root_pool.refuse_removal": Words(_("Root kept"), "account_balance"),
    "root_pool.expire": Words(_("Root expired"), "account_balance", "warning"),
    "root_pool.ask_decision": Words(_("Decision about a lost CA asked for"), "rule", "warning"),
    "root_pool.decide": Words(_("Decided about a lost CA"), "rule"),
    "root_pool.close_decision": Words(_("Question about a lost CA closed"), "rule"),
    "root_pool.sign_trust_list": Words(_("Trust list signed"), "verified"),
    "provisioning_pool.publish": Words(
        _("Provisioning certificate published"), "directions_car", "success"
    ),
    "provisioning_pool.withdraw": Words(_("Vehicle withdrawn"), "directions_car", "danger"),
    "provisioning_pool.factory_reset": Words(
        _("Vehicle reset to factory state"), "restart_alt", "warning"
    ),
    "contract_pool.store": Words(_("Contract concluded"), "receipt_long", "success"),
    "contract_pool.replace": Words(_("Contract data renewed"), "autorenew", "success"),
    "contract_pool.resign": Words(_("Contract data signed again"), "draw"),
    "contract_pool.ask_renewal": Words(_("New contract data asked for"), "autorenew"),
    "contract_pool.end": Words(_("Contract ended"), "receipt_long", "warning"),
    "contract_pool.drop_data": Words(_("Contract data removed"), "receipt_long", "warning"),
    "contract_pool.set_default": Words(_("Default contract chosen"), "star"),
    "pki.create_authority": Words(_("Authority created"), "account_tree", "success"),
    "pki.order_authority": Words(_("Key of an authority made, its request written"), "key"),
    "pki.add_offline_authority": Words(
        _("Authority whose key is kept elsewhere taken in"), "account_tree", "success"
    ),
    "pki.keep_certificate": Words(_("Certificate of an authority handed in"), "badge", "success"),
    "pki.keep_crl": Words(_("CRL of an authority handed in"), "playlist_add_check"),
    "pki.issue": Words(_("Certificate issued"), "badge", "success"),
    "pki.abandon": Words(_("Certificate order given up"), "badge", "warning"),
    "pki.ask_request": Words(_("Certificate asked for"), "badge"),
    "pki.approve_request": Words(_("Request for a certificate approved"), "badge", "success"),
    "pki.refuse_request": Words(_("Request for a certificate refused"), "badge", "warning"),
    "pki.lapse_request": Words(_("Request for a certificate lapsed"), "badge", "warning"),
    "pki.revoke": Words(_("Certificate revoked"), "block", "danger"),
    "pki.sign_crl": Words(_("CRL signed"), "playlist_add_check"),
    "pki.enrol": Words(_("Enrolment over EST"), "badge"),
    "pki.re_enrol": Words(_("Renewal over EST"), "badge"),
    "provisioning_service.create_signer": Words(_("CPS signer created"), "draw", "success"),
    "provisioning_service.sign": Words(_("Contract data signed"), "draw", "success"),
    "provisioning_service.generate": Words(_("Contract data generated"), "draw", "success"),
    "events.create_webhook": Words(_("Webhook registered"), "webhook", "success"),
    "events.update_webhook": Words(_("Webhook changed"), "webhook"),
    "events.delete_webhook": Words(_("Webhook deleted"), "webhook", "warning"),
    "events.test_webhook": Words(_("Test event sent"), "webhook"),
    "events.roll_secret": Words(_("Webhook got a new secret"), "webhook", "warning"),
    "events.redeliver": Words(_("Event sent again"), "webhook"),
    "participants.create_organization": Words(_("Organisation admitted"), "apartment", "success"),
    "participants.change_settings": Words(_("Settings changed"), "tune"),
    "participants.set_active": Words(_("Organisation switched on or off"), "apartment", "warning"),
    "participants.add_role": Words(_("Role added"), "apartment"),
    "participants.remove_role": Words(_("Role removed"), "apartment", "warning"),
    "participants.assign_identifier": Words(_("Identifier assigned"), "tag"),
    "participants.release_identifier": Words(_("Identifier released"), "tag", "warning"),
    "participants.create_member": Words(_("Member added"), "person_add", "success"),
    "participants.renew_invitation": Words(_("Invitation link made again"), "person_add"),
    "participants.order_mail": Words(_("Link ordered by e-mail"), "mail"),
    "participants.remove_member": Words(_("Member removed"), "person_remove", "warning"),
    "participants.set_member_right": Words(_("Right of a member changed"), "manage_accounts"),
    "participants.create_client": Words(_("API client created"), "key", "success"),
    "participants.replace_secret": Words(_("API client got a new secret"), "key"),
    "participants.add_secret": Words(_("API client got a second secret"), "key"),
    "participants.retire_secret": Words(_("Older secret of an API client retired"), "key"),
    "participants.set_client_enabled": Words(_("API client switched on or off"), "key", "warning"),
    "participants.set_client_roles": Words(_("Roles of an API client changed"), "key"),
    "participants.create_token_key": Words(_("Token key created"), "vpn_key"),
    "participants.forget_token_key": Words(_("Token key removed"), "vpn_key"),
    "portal.read": Words(_("Page asked for"), "visibility"),
    "portal.write": Words(_("Form sent"), "edit"),
    "portal.log_in": Words(_("Log-in"), "login"),
    "portal.confirm": Words(_("Second factor given again"), "verified_user"),
    "portal.add_second_factor": Words(_("Second factor added"), "verified_user", "success"),
    "portal.remove_second_factor": Words(_("Second factor removed"), "gpp_maybe", "warning"),
    "portal.make_recovery_codes": Words(_("Recovery codes made"), "pin"),
    "portal.use_recovery_code": Words(_("Recovery code used"), "pin", "warning"),
    "portal.change_password": Words(_("Password changed"), "password"),
    "portal.set_password": Words(_("Password set by a link"), "password"),
    "operator.cleanse": Words(_("Cleansing of the pools started"), "mop"),
    "operator.backup": Words(_("Backup made"), "save"),
    "operator.restore": Words(
        _("Database restored from a backup"), "settings_backup_restore", "warning"
    ),
    "operator.rotate_vault_key": Words(_("Vault key rotated"), "key"),
    "operator.change_schedule": Words(_("Schedule changed"), "schedule"),
    "jobs.start": Words(_("Job started"), "pending_actions"),
    "jobs.finish": Words(_("Job ended"), "task_alt"),
    "jobs.cancel": Words(_("Job stopped"), "pause_circle", "warning"),
    "jobs.resume": Words(_("Job resumed"), "play_circle"),
    "jobs.retry": Words(_("Failed rows tried again"), "replay"),
    "audit.archive": Words(_("Audit events archived"), "inventory_2"),
    "audit.count_refusals": Words(_("Further refusals counted"), "block", "warning"),
}


def action(name: str) -> Words:
    """Put an action (`app.verb`) into words; one that has none here keeps its own."""
    return ACTIONS.get(name) or Words(name.replace(".", ": ").replace("_", " ").capitalize())


_NAMING: Final = ("common_name", "name", "email", "value")
_COMMON_NAME: Final = re.compile(r"(?:^|, )CN=([^,]+)")
_SPEAKING: Final = frozenset({"vehicle", "contract", "contract_data", "page"})


def target(kind: str, identifier: str, detail: Mapping[str, Any]) -> str:
    """Name the object of an audited action for people: its name where the detail knows one.

    PCIDs and EMAIDs speak for themselves; row ids and fingerprints are left out.
    """
    if kind in _SPEAKING:
        return identifier
    named = next((str(detail[key]) for key in _NAMING if detail.get(key)), "")
    subject = _COMMON_NAME.search(str(detail.get("subject", "")))
    return named or (subject[1] if subject else "")


ACTORS: Final[dict[str, Text]] = {
    "person": _("Person"),
    "client": _("API client"),
    "system": _("Plugpool itself"),
}
TARGETS: Final[dict[str, Text]] = {
    "address": _("Address"),
    "api_client": _("API client"),
    "archive": _("Archive"),
    "authority": _("Authority"),
    "backup": _("Backup"),
    "certificate": _("Certificate"),
    "cleansing_decision": _("Decision about a lost CA"),
    "cleansing_run": _("Cleansing of the pools"),
    "contract": _("Contract"),
    "contract_data": _("Contract data"),
    "enrolment_request": _("Request for a certificate"),
    "job": _("Job"),
    "organization": _("Organisation"),
    "page": _("Page"),
    "refusals": _("Refusals"),
    "root_certificate": _("Root certificate"),
    "schedule": _("Schedule"),
    "signer": _("CPS signer"),
    "token_key": _("Token key"),
    "trust_list": _("Trust list"),
    "user": _("Person"),
    "vault_key": _("Vault key"),
    "vehicle": _("Vehicle"),
    "webhook_endpoint": _("Webhook"),
}


def actor(kind: str) -> Text:
    """Put the kind of who acted into words."""
    return ACTORS.get(kind, kind)


def who(kind: str, label: str) -> Text:
    """Name who acted: a person or client by name, for work of Plugpool's own that it was that."""
    return ACTORS[kind] if kind == ActorKind.SYSTEM else label


def target_kind(kind: str) -> Text:
    """Put the kind of an audited object into words."""
    return TARGETS.get(kind, kind)
