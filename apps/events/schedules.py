"""What recurs among the events."""

from apps.core.schedules import every

every(2, "events.sweep", title="Webhooks: fan out events and take up what is due")
every(3600, "events.purge", title="Webhooks: delete old deliveries")
