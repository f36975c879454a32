"""Writing what the health page reads."""

from typing import Final

from django.utils import timezone

from apps.operator.models import Heartbeat

BACKGROUND: Final = "background"


def note_heartbeat() -> None:
    """Write that the background works: the clock asked, the broker carried, a worker ran."""
    Heartbeat.objects.update_or_create(part=BACKGROUND, defaults={"at": timezone.now()})
