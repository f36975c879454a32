"""What recurs in the audit trail."""

from apps.core.schedules import every

every(1, "audit.seal", title="Audit: seal new events")
every(3600, "audit.seal_late", title="Audit: seal events that came late")
every(60, "audit.count_refusals", title="Audit: count refusals over the limit")
