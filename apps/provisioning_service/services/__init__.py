"""Writes of the CPS."""

from apps.provisioning_service.services.generating import generate
from apps.provisioning_service.services.signers import create_signer, retire_signers
from apps.provisioning_service.services.signing import Signed, sign

__all__ = ["Signed", "create_signer", "generate", "retire_signers", "sign"]
