"""Recurring work of the PKI."""

from apps.core import schedules

schedules.every(60, "pki.settle_intents", title="PKI: give up issuance that nobody stored")
