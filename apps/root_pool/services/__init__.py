"""Writes of the RCP: every root comes and goes by two persons."""

from apps.root_pool.services.clearing import (
    ask_about_lost,
    ask_about_root,
    ask_about_sub_ca,
    clear_or_ask,
    decide,
)
from apps.root_pool.services.expiry import expire
from apps.root_pool.services.policy import set_status_policy
from apps.root_pool.services.removal import ask_removal, confirm_removal, refuse_removal
from apps.root_pool.services.submission import confirm, reject, submit
from apps.root_pool.services.trust_list import current_trust_list, roll_trust_list_signer
from apps.root_pool.services.trust_store import download_trust_store

__all__ = [
    "ask_about_lost",
    "ask_about_root",
    "ask_about_sub_ca",
    "ask_removal",
    "clear_or_ask",
    "confirm",
    "confirm_removal",
    "current_trust_list",
    "decide",
    "download_trust_store",
    "expire",
    "refuse_removal",
    "reject",
    "roll_trust_list_signer",
    "set_status_policy",
    "submit",
]
