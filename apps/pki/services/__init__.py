"""Writes of the PKI: authorities, issuance, revocation, and what is published about them."""

from apps.pki.services.authorities import create_authority
from apps.pki.services.crls import (
    current_crl,
    enqueue_due_crls,
    leave_crl_numbers_behind,
    sign_crl,
    sign_crl_if_due,
)
from apps.pki.services.deciding import approve_request, lapse_requests, refuse_request
from apps.pki.services.enrolment import Prospect, enrol, look_at, re_enrol
from apps.pki.services.issuance import Order, issue, issue_many
from apps.pki.services.ocsp_answers import answer_ocsp, forget_old_answers
from apps.pki.services.offline import add_offline_authority, keep_certificate, order
from apps.pki.services.offline_crls import keep_crl, keep_signed
from apps.pki.services.responders import enqueue_due_responders, roll_responder
from apps.pki.services.revocation import REVOCATION, revoke, revoke_held
from apps.pki.services.revoking import revoke_by_fingerprint
from apps.pki.services.rolling import roll_authorities
from apps.pki.services.settlement import keep, require_kept, settle_intents

__all__ = [
    "REVOCATION",
    "Order",
    "Prospect",
    "add_offline_authority",
    "answer_ocsp",
    "approve_request",
    "create_authority",
    "current_crl",
    "enqueue_due_crls",
    "enqueue_due_responders",
    "enrol",
    "forget_old_answers",
    "issue",
    "issue_many",
    "keep",
    "keep_certificate",
    "keep_crl",
    "keep_signed",
    "lapse_requests",
    "leave_crl_numbers_behind",
    "look_at",
    "order",
    "re_enrol",
    "refuse_request",
    "require_kept",
    "revoke",
    "revoke_by_fingerprint",
    "revoke_held",
    "roll_authorities",
    "roll_responder",
    "settle_intents",
    "sign_crl",
    "sign_crl_if_due",
]
