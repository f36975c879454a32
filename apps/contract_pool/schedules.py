"""Recurring work of the CCP."""

from apps.core import schedules

schedules.every(2, "contract_pool.tell_deliveries", title="CCP: tell MOs what was handed out")
schedules.every(
    60,
    "contract_pool.sweep_revoked",
    title="CCP: end contracts that hang on revoked sub-CAs of ours",
)
schedules.every(
    300, "contract_pool.ask_mos", title="CCP: ask MOs for new contract data of their CA"
)
