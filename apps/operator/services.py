"""Writing what the health page reads."""

from typing import Final

from django.utils import timezone

from apps.operator.models import Heartbeat

BACKGROUND: Final = "background"
"""The clock asked, the broker carried, a worker ran."""
CLOCK: Final = "clock"
"""The clock alone."""


def note_heartbeat(part: str = BACKGROUND) -> None:
    """Write that a part works."""
    Heartbeat.objects.update_or_create(part=part, defaults={"at": timezone.now()})
