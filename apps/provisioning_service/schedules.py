"""Recurring work of the CPS."""

from apps.core import schedules

schedules.every(
    300, "provisioning_service.plan_renewals", title="CPS: renew contracts ahead of their end"
)
schedules.every(
    60, "provisioning_service.plan_resigning", title="CPS: sign data again before its signer ends"
)
schedules.every(3600, "provisioning_service.roll_signers", title="CPS: follow the signers in time")
schedules.every(
    3600, "provisioning_service.warn_of_ends", title="CPS: warn of certificates that end"
)
