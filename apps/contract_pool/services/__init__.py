"""Writes of the CCP."""

from apps.contract_pool.services.asking import ask_mos
from apps.contract_pool.services.cleansing import (
    drop_expired,
    drop_unrooted,
    end_cleared,
    end_due,
    end_revoked,
)
from apps.contract_pool.services.concluding import (
    Conclusion,
    Outcome,
    conclude,
    conclude_many,
)
from apps.contract_pool.services.default import set_default
from apps.contract_pool.services.ending import end
from apps.contract_pool.services.following import (
    locks_of,
    rekey_vehicles,
    reset_vehicles,
    withdraw_below,
    withdraw_certificates,
    withdraw_signed_by,
    withdraw_vehicles,
)
from apps.contract_pool.services.installation import Installation, NotServed, install
from apps.contract_pool.services.providing import provide
from apps.contract_pool.services.reporting import tell_deliveries
from apps.contract_pool.services.resigning import Resigned, replace_signatures
from apps.contract_pool.services.rows import Terms
from apps.contract_pool.services.storing import store

__all__ = [
    "Conclusion",
    "Installation",
    "NotServed",
    "Outcome",
    "Resigned",
    "Terms",
    "ask_mos",
    "conclude",
    "conclude_many",
    "drop_expired",
    "drop_unrooted",
    "end",
    "end_cleared",
    "end_due",
    "end_revoked",
    "install",
    "locks_of",
    "provide",
    "rekey_vehicles",
    "replace_signatures",
    "reset_vehicles",
    "set_default",
    "store",
    "tell_deliveries",
    "withdraw_below",
    "withdraw_certificates",
    "withdraw_signed_by",
    "withdraw_vehicles",
]
