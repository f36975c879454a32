"""Writes of the CPS."""

from typing import Final

from apps.provisioning_service.services import bulk, renewals, resigning
from apps.provisioning_service.services.bulk import start as start_bulk
from apps.provisioning_service.services.bulk import work_off
from apps.provisioning_service.services.generating import generate, generate_many
from apps.provisioning_service.services.making import Order
from apps.provisioning_service.services.renewals import plan_renewals
from apps.provisioning_service.services.renewing import renew
from apps.provisioning_service.services.resigning import plan_resigning, resign_rows
from apps.provisioning_service.services.rolling import roll_signers
from apps.provisioning_service.services.signers import create_signer, retire_signers
from apps.provisioning_service.services.signing import Signed, sign
from apps.provisioning_service.services.warning import warn_of_ends

SIGNING_KINDS: Final = (bulk.KIND, renewals.KIND, resigning.KIND)
"""The kinds of jobs whose rows are contract data to sign."""

__all__ = [
    "SIGNING_KINDS",
    "Order",
    "Signed",
    "create_signer",
    "generate",
    "generate_many",
    "plan_renewals",
    "plan_resigning",
    "renew",
    "resign_rows",
    "retire_signers",
    "roll_signers",
    "sign",
    "start_bulk",
    "warn_of_ends",
    "work_off",
]
