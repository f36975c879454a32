"""What recurs for the dashboards."""

from apps.core.schedules import every

every(120, "portal.count_days", title="Dashboards: count what happened each day")
