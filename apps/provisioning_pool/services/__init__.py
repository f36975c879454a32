"""Writes of the PCP: vehicles come and go, nobody edits a row."""

from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.services.cleansing import (
    learn_serials,
    withdraw_cleared,
    withdraw_expired,
    withdraw_revoked,
)
from apps.provisioning_pool.services.entering import Change, Outcome, Publication, Published
from apps.provisioning_pool.services.publication import publish, publish_many
from apps.provisioning_pool.services.resetting import factory_reset
from apps.provisioning_pool.services.withdrawal import (
    Withdrawn,
    withdraw,
    withdraw_below,
    withdraw_many,
)

__all__ = [
    "Chain",
    "Change",
    "Outcome",
    "Publication",
    "Published",
    "Withdrawn",
    "factory_reset",
    "learn_serials",
    "publish",
    "publish_many",
    "withdraw",
    "withdraw_below",
    "withdraw_cleared",
    "withdraw_expired",
    "withdraw_many",
    "withdraw_revoked",
]
