"""A car maker's uploads: checked, kept as drafts, imported in the background."""

from apps.oem.services.batches import check, discard, start_import, sweep
from apps.oem.services.publishing import work_off

__all__ = ["check", "discard", "start_import", "sweep", "work_off"]
