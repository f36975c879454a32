"""Writes of the PCP: vehicles come and go, nobody edits a row."""

from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.services.publication import publish
from apps.provisioning_pool.services.resetting import factory_reset
from apps.provisioning_pool.services.withdrawal import withdraw, withdraw_below, withdraw_many

__all__ = ["Chain", "factory_reset", "publish", "withdraw", "withdraw_below", "withdraw_many"]
