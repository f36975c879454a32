"""What recurs for the operator."""

from apps.core.schedules import every

every(10, "operator.beat", title="Health: show that clock, broker and workers are there")
