"""What recurs among the jobs."""

from apps.core.schedules import every

every(5, "jobs.sweep", title="Jobs: take up stranded work")
