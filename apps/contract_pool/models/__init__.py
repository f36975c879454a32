"""CCP: contracts, their signed data, and what vehicles fetched."""

from apps.contract_pool.models.contracts import Contract, ContractData
from apps.contract_pool.models.deliveries import Delivery

__all__ = ["Contract", "ContractData", "Delivery"]
