"""Writes of the PKI: authorities, issuance, revocation."""

from apps.pki.services.authorities import create_authority
from apps.pki.services.issuance import Order, issue, issue_many
from apps.pki.services.revocation import revoke
from apps.pki.services.settlement import settle_intents

__all__ = ["Order", "create_authority", "issue", "issue_many", "revoke", "settle_intents"]
