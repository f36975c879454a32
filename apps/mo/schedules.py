"""What recurs for the MO's staff."""

from apps.core.schedules import every

every(5, "mo.sweep_drafts", title="MO: take up stranded conclusions, remove old drafts")
