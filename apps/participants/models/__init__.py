"""Organisations, people and API clients."""

from apps.participants.models.clients import ApiClient, TokenKey
from apps.participants.models.identifiers import OperatorId, ProviderId, Wmi
from apps.participants.models.mails import LinkMail
from apps.participants.models.organizations import Organization, OrganizationRole
from apps.participants.models.people import Member, User

__all__ = [
    "ApiClient",
    "LinkMail",
    "Member",
    "OperatorId",
    "Organization",
    "OrganizationRole",
    "ProviderId",
    "TokenKey",
    "User",
    "Wmi",
]
