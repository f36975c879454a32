"""What recurs for car makers."""

from apps.core.schedules import every

every(600, "oem.sweep", title="OEM: forget uploads that expired")
