"""Recurring work of the RCP."""

from apps.core import schedules

schedules.every(
    60, "root_pool.roll_trust_list_signer", title="RCP: renew the signer of the trust list"
)
