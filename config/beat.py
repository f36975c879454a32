"""The clock: django-celery-beat's scheduler, with a sign of life of its own."""

from time import monotonic
from typing import Any, Final

from django.db import DatabaseError
from django_celery_beat.schedulers import DatabaseScheduler
from structlog import get_logger

from apps.operator import services

log = get_logger(__name__)
EVERY_S: Final = 10


class Scheduler(DatabaseScheduler):  # type: ignore[misc]  # untyped library
    """Notes that it ticks, so that a missing clock is told from a missing worker."""

    _noted = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if monotonic() - self._noted >= EVERY_S:
            self._noted = monotonic()
            try:
                services.note_heartbeat(services.CLOCK)
            except DatabaseError as error:
                # The clock outlives its database: it goes on when that is back.
                log.warning("clock_not_noted", error=type(error).__name__)
        return super().tick(*args, **kwargs)
