"""Recurring work of the PKI."""

from apps.core import schedules

schedules.every(60, "pki.settle_intents", title="PKI: settle issuance that nobody finished")
schedules.every(600, "pki.lapse_requests", title="PKI: end requests that nobody decided about")
schedules.every(30, "pki.sign_due_crls", title="PKI: sign the CRLs that are due")
schedules.every(60, "pki.roll_due_responders", title="PKI: renew the OCSP responders")
schedules.every(60, "pki.refresh_status", title="PKI: fetch the status of foreign certificates")
schedules.every(600, "pki.forget_old_answers", title="PKI: delete OCSP answers that have ended")
schedules.every(3600, "pki.roll_authorities", title="PKI: follow the sub-CAs in time")
