"""Recurring work of the PCP."""

from apps.core import schedules

schedules.every(
    60,
    "provisioning_pool.sweep_revoked",
    title="PCP: withdraw what hangs on revoked sub-CAs of ours",
)
