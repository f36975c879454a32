"""Writes of the MO's staff: drafts, and what becomes of them."""

from apps.mo.services.concluding import conclude, sweep
from apps.mo.services.drafting import (
    begin,
    discard,
    keep,
    set_customer,
    set_own_data,
    set_term,
    set_vehicle,
)
from apps.mo.services.listing import check_list, conclude_file, conclude_list
from apps.mo.services.ordering import order, order_again, reopen

__all__ = [
    "begin",
    "check_list",
    "conclude",
    "conclude_file",
    "conclude_list",
    "discard",
    "keep",
    "order",
    "order_again",
    "reopen",
    "set_customer",
    "set_own_data",
    "set_term",
    "set_vehicle",
    "sweep",
]
