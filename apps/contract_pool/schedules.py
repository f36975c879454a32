"""Recurring work of the CCP."""

from apps.core import schedules

schedules.every(2, "contract_pool.tell_deliveries", title="CCP: tell MOs what was handed out")
