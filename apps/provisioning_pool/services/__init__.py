"""Writes of the PCP: vehicles come and go, nobody edits a row."""

from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.services.entering import Change, Outcome, Publication, Published
from apps.provisioning_pool.services.publication import publish, publish_many
from apps.provisioning_pool.services.resetting import factory_reset
from apps.provisioning_pool.services.withdrawal import withdraw, withdraw_below, withdraw_many

__all__ = [
    "Chain",
    "Change",
    "Outcome",
    "Publication",
    "Published",
    "factory_reset",
    "publish",
    "publish_many",
    "withdraw",
    "withdraw_below",
    "withdraw_many",
]
