"""What the metrics say of this moment: queues, backlogs, freshness, what ends next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError
from django.db.models import Max, Min
from django.utils import timezone

from apps.core.web.paging import capped_count
from apps.jobs.models import Job
from apps.operator import readiness, vitals
from apps.operator.readiness import State
from apps.pki.models import Authority, Responder
from apps.provisioning_service.models import Signer
from apps.root_pool.models import TrustListSigner

DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Gauge:
    """One metric that goes up and down: each value with the values of its labels."""

    name: str
    text: str
    labels: tuple[str, ...]
    samples: tuple[tuple[tuple[str, ...], float], ...]


def gauges() -> list[Gauge]:
    """Look at everything; where the database fails, what was not read is left out."""
    queues = vitals.queues_waiting() or {}
    found = [_parts(), _gauge("queue_waiting", "Tasks that wait in the broker.", "queue", queues)]
    try:
        found.extend(_in_database())
    except DatabaseError:
        return found
    return found


def _parts() -> Gauge:
    parts = readiness.report().parts
    up = {name: 0 if part.state is State.DOWN else 1 for name, part in parts.items()}
    return _gauge("part_up", "Whether a part works, as /readyz says it.", "part", up)


def _in_database() -> Iterator[Gauge]:
    now = timezone.now()
    open_jobs = {
        state.value: capped_count(Job.objects.filter(state=state))
        for state in (Job.State.WAITING, Job.State.RUNNING)
    }
    yield _gauge("jobs", "Jobs that are not finished.", "state", open_jobs)
    events, deliveries = vitals.backlog()
    yield _single("events_waiting", "Events not passed on yet, at most 2001.", events)
    yield _single("deliveries_waiting", "Webhook deliveries that wait, at most 2001.", deliveries)
    unsent, unsealed = vitals.oldest_unsent(), vitals.oldest_unsealed()
    yield _age("events_oldest_seconds", "Age of the oldest event not passed on.", unsent)
    yield _age("audit_unsealed_seconds", "Age of the oldest audit event not sealed.", unsealed)
    yield from _status(now)
    ends = {kind: (at - now).total_seconds() / DAY_S for kind, at in _next_ends() if at}
    yield _gauge("expiry_days", "Days until the next certificate of ours ends.", "kind", ends)


def _status(now: datetime) -> Iterator[Gauge]:
    """How fresh our CRLs are, and whether OCSP is answered."""
    lists = vitals.crls()
    states = {"ended": len(lists.ended), "behind": len(lists.behind)}
    yield _gauge("crls", "Our CRLs that are not as they should be.", "state", states)
    if lists.next_end is not None:
        left = (lists.next_end - now).total_seconds()
        yield _single("crl_seconds_left", "Time until the next of our CRLs ends.", left)
    without = len(vitals.without_responder())
    yield _single("ocsp_without_responder", "Authorities that cannot answer OCSP.", without)


def _next_ends() -> Iterator[tuple[str, datetime | None]]:
    """For each kind the end of what ends first; of several generations the newest counts."""
    authorities = Authority.objects.filter(active=True)
    yield "authority", authorities.aggregate(at=Min("not_after"))["at"]
    responders = Responder.objects.filter(authority__active=True).values("authority")
    yield "ocsp_responder", _first(responders.annotate(at=Max("certificate__not_after")))
    signers = Signer.objects.filter(active=True).values("root")
    yield "cps_signer", _first(signers.annotate(at=Max("not_after")))
    lists = TrustListSigner.objects.aggregate(at=Max("certificate__not_after"))
    yield "trust_list_signer", lists["at"]


def _first(newest: Any) -> datetime | None:
    found: datetime | None = newest.order_by("at").values_list("at", flat=True).first()
    return found


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Gauge:
    samples = tuple(((value,), number) for value, number in values.items())
    return Gauge(f"plugpool_{name}", text, (label,), samples)


def _single(name: str, text: str, value: float) -> Gauge:
    return Gauge(f"plugpool_{name}", text, (), (((), value),))


def _age(name: str, text: str, since: datetime | None) -> Gauge:
    age = (timezone.now() - since).total_seconds() if since else 0
    return _single(name, text, max(0.0, age))
