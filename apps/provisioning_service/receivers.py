"""The CPS follows the PKI."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from apps.pki.signals import revoked
from apps.provisioning_service import services


@receiver(revoked)
def follow_revoked(*, fingerprints: Sequence[bytes], **_: Any) -> None:
    services.retire_signers(fingerprints=fingerprints)
