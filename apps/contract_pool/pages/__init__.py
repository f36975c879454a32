"""The detail pages of contracts, contract data and deliveries."""

from apps.contract_pool.pages.contracts import contract_page, contracts_tab, state_badge
from apps.contract_pool.pages.data import data_page
from apps.contract_pool.pages.deliveries import delivery_page, outcome_badge

__all__ = [
    "contract_page",
    "contracts_tab",
    "data_page",
    "delivery_page",
    "outcome_badge",
    "state_badge",
]
