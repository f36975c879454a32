"""What recurs for the operator."""

from typing import Final

from django.utils.translation import gettext_noop

from apps.core.schedules import every

HOUR: Final = 3600
BOUNDS: Final = (300, 7 * 24 * HOUR)
"""Pools are cleansed at least once a week where it is not switched off, at most every 5 minutes."""

every(10, "operator.beat", title="Health: show that clock, broker and workers are there")
every(
    HOUR,
    "operator.cleanse_rcp",
    title=gettext_noop("RCP: take out roots that ended"),
    bounds=BOUNDS,
)
every(
    HOUR,
    "operator.cleanse_pcp",
    title=gettext_noop("PCP: take out vehicles whose certificate ended or was revoked"),
    bounds=BOUNDS,
)
every(
    HOUR,
    "operator.cleanse_ccp",
    title=gettext_noop("CCP: take out contracts whose certificate ended or was revoked"),
    bounds=BOUNDS,
)
