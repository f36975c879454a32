"""Sealing everything again under the newest vault key, in batches that may be interrupted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.keys import rotation, vault

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """So many rows of a holder were sealed again."""

    holder: str
    rows: int


def rotate(*, actor: Actor) -> Iterator[Progress]:
    """Seal again what another version than the one that seals now had sealed.

    Each batch is a transaction of its own, so it may be stopped and run again at any time, beside
    everything else. What somebody else holds at the moment is left for the next run. Raises
    Unopenable for a value that no key opens: nothing of its batch is changed.
    """
    version, rows = vault.sealing_version(), 0
    for holder in rotation.holders():
        while done := holder.reseal(version=version, limit=BATCH):
            rows += done
            yield Progress(holder.name, done)
    if rows:
        with transaction.atomic():
            audit.record(
                actor=actor,
                action="operator.rotate_vault_key",
                target_type="vault_key",
                target_id=str(version),
                detail={"rows": rows},
            )


def still_needed() -> Counter[int]:
    """Return how many values need each version but the one that seals now."""
    found = rotation.versions()
    del found[vault.sealing_version()]
    return found
