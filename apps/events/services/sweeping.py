"""The sweep that finds everything: events to fan out, lanes that are due."""

from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from apps.core import queue
from apps.events.services.dispatching import DISPATCH
from apps.events.services.fanout import BATCH, fan_out
from apps.events.services.lanes import callable_endpoints, free

ROUNDS: Final = 20
ENDPOINTS_AT_ONCE: Final = 500


def sweep(*, now: datetime) -> int:
    """Fan out what the outbox holds and ask for a dispatcher per endpoint with due lanes.

    It needs nothing but the rows, so whatever a lost message or a dead worker left is taken up.
    Returns for how many endpoints a dispatcher was asked.
    """
    for _ in range(ROUNDS):
        if fan_out(now=now) < BATCH:
            break
    due = callable_endpoints(now).filter(Exists(free(now).filter(endpoint_id=OuterRef("pk"))))
    wanted = list(due.order_by("?").values_list("pk", flat=True)[:ENDPOINTS_AT_ONCE])
    for endpoint_id in wanted:
        queue.enqueue(DISPATCH, endpoint_id)
    return len(wanted)
