"""Working off the due lanes of one endpoint."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic
from typing import Final

from django.utils import timezone

from apps.core import queue
from apps.events import secrets
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookLane
from apps.events.services import lanes
from apps.events.services.lanes import Grip
from apps.events.services.sending import Reply, post
from apps.events.services.settling import Outcome, settle

DISPATCH: Final = queue.name("events.dispatch")
PARALLEL: Final = 16
LANES: Final = 64
ROUND: Final = 32
"""So many requests are made before what came of them is written."""
RUN_S: Final = 10.0
"""No round begins later, so a lease of 60 s holds to the end and other endpoints get their turn."""
UNREACHED: Final = 4
REST: Final = timedelta(seconds=60)


def dispatch(*, endpoint_id: int) -> int:
    """Send what is due to an endpoint for about RUN_S; return how many requests were made.

    Each lane's deliveries go one after the other, lanes beside each other. An endpoint that was not
    reached UNREACHED times without one answer rests for REST, so that it holds up no worker; what
    was not tried keeps its attempts. A worker that dies leaves leases that run out: sent again.
    """
    endpoint = lanes.callable_endpoints(timezone.now()).filter(pk=endpoint_id).first()
    if endpoint is None:
        return 0
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        run = _Run(endpoint, pool)
        while run.goes_on():
            grip = lanes.lease(endpoint_id=endpoint_id, limit=LANES, now=timezone.now())
            if not grip.lanes:
                return run.made
            try:
                run.work_off(grip)
            finally:
                lanes.release(grip=grip)
    if run.unreached < UNREACHED:
        queue.enqueue(DISPATCH, endpoint_id)
    return run.made


class _Run:
    """The time and the failures of one dispatch."""

    def __init__(self, endpoint: WebhookEndpoint, pool: ThreadPoolExecutor) -> None:
        self.made = 0
        self.unreached = 0
        self._endpoint = endpoint
        self._pool = pool
        self._secret = secrets.open_(endpoint)
        self._until = monotonic() + RUN_S

    def goes_on(self) -> bool:
        return monotonic() < self._until and self.unreached < UNREACHED

    def work_off(self, grip: Grip) -> None:
        """Send each lane's first delivery, then the next of those lanes that go on."""
        todo = list(grip.lanes)
        while todo and self.goes_on():
            firsts = lanes.heads(todo)
            ready = [(lane, firsts[lane.pk]) for lane in todo if lane.pk in firsts]
            todo = []
            for start in range(0, len(ready), ROUND):
                if self.goes_on():
                    outcomes = self._send(ready[start : start + ROUND])
                    todo += settle(grip=grip, outcomes=outcomes, now=timezone.now())
                    self._note(outcomes)

    def _send(self, ready: Sequence[tuple[WebhookLane, WebhookDelivery]]) -> list[Outcome]:
        replies = self._pool.map(self._post, [delivery.event for _, delivery in ready])
        return [
            Outcome(delivery, lane, reply)
            for (lane, delivery), reply in zip(ready, replies, strict=True)
        ]

    def _post(self, event: OutboxEvent) -> Reply:
        return post(url=self._endpoint.url, secret=self._secret, event=event)

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        self.made += len(outcomes)
        answered = any(outcome.reply.status_code is not None for outcome in outcomes)
        self.unreached = 0 if answered else self.unreached + len(outcomes)
        if self.unreached >= UNREACHED:
            rest = timezone.now() + REST
            WebhookEndpoint.objects.filter(pk=self._endpoint.pk).update(resting_until=rest)
