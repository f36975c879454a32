"""/metrics: who may read it, what it says, and what it never says."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.core import metrics
from apps.events.models import OutboxEvent
from apps.operator import exposition, readiness, services, vitals
from apps.pki.models import Authority
from config.celery import app
from tests.factories import parties, trust

TOKEN = "t0ken-of-the-metrics-which-is-long-enough"
LINE = re.compile(
    r'plugpool_[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? [0-9.e+-]+'
)

# Parts are looked at from a thread, on a second connection.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture(autouse=True)
def anew(settings: Settings) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    with app.connection_for_write() as broker:  # in this process, where other tests queued
        broker.default_channel.queue_purge("celery")
    metrics.forget()
    readiness.forget()
    exposition.forget()
    yield
    readiness.forget()


def scraped(client: Client) -> str:
    exposition.forget()
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.content.decode()


def value(text: str, series: str) -> float:
    (found,) = [line for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(found.split()[-1])


def test_it_is_closed_until_somebody_opens_it(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_it_needs_the_token(client: Client, sent: str) -> None:
    assert client.get("/metrics", headers={"authorization": sent}).status_code == 401


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.1.2.3", {}, 200),
        ("11.1.2.3", {}, 401),
        ("not an address", {}, 401),
        ("10.1.2.3", {"x-forwarded-for": "10.1.2.4"}, 401),
        ("10.1.2.3", {"x-forwarded-proto": "https"}, 401),
        ("10.1.2.3", {"forwarded": "for=10.1.2.4"}, 401),
    ],
)
def test_a_network_may_read_without_a_token_but_not_through_a_proxy(
    client: Client, settings: Settings, address: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = ""
    settings.METRICS_NETWORKS = ["10.0.0.0/8"]
    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert answer.status_code == status
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == 401


def test_every_line_is_what_prometheus_reads(client: Client) -> None:
    trust.v2g_ecosystem(name="Measured")
    client.get("/livez")
    text = scraped(client)
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) > 20
    for line in samples:
        assert LINE.fullmatch(line), line
    for name in {re.split("[{ ]", line)[0] for line in samples}:
        base = re.sub("_(bucket|sum|count)$", "", name)
        assert f"# TYPE {name} " in text or f"# TYPE {base} histogram" in text


def test_requests_are_counted_by_pattern_method_and_status(client: Client) -> None:
    for pcid in ("WVWAAAAAAAAAAAAA1", "WVWAAAAAAAAAAAAA2"):
        client.get(f"/v1/oem/provCerts/{pcid}")
    client.generic("BREW", "/livez")
    client.get("/nowhere/at/all")
    text = scraped(client)
    (route,) = set(re.findall(r'route="(v1/oem/provCerts/<[^"]+>)"', text))
    assert value(text, f'plugpool_requests_total{{route="{route}",method="GET",status="401"}}') == 2
    assert 'route="livez",method="other",status="200"' in text
    assert "WVWAAAAAAAAAAAAA" not in text
    assert "nowhere" not in text
    series = f'plugpool_request_duration_seconds_bucket{{route="{route}",le="+Inf"}}'
    assert value(text, series) == 2
    assert value(text, f'plugpool_request_duration_seconds_count{{route="{route}"}}') == 2


def test_issued_certificates_are_counted_by_profile(client: Client) -> None:
    trust.v2g_ecosystem(name="Counted")
    text = scraped(client)
    found = re.findall(r'plugpool_certificates_issued_total\{profile="([^"]+)"\} (\d+)', text)
    assert sum(int(count) for _, count in found) > 2


def test_refusals_are_counted_by_their_code(client: Client) -> None:
    from apps.audit import services as audit
    from apps.core.errors import Forbidden

    for _ in range(70):
        audit.record_refusal(
            actor=parties.bare_actor(roles=[]), action="ccp.end", error=Forbidden("role", "No.")
        )
    assert value(scraped(client), 'plugpool_refusals_total{code="role"}') == 70


def test_what_waits_and_what_ends_next(client: Client) -> None:
    trust.v2g_ecosystem(name="Waiting")
    OutboxEvent.objects.all().delete()
    OutboxEvent.objects.create(kind="root.cert.added")
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    services.note_heartbeat()
    Authority.objects.update(not_after=timezone.now() + timedelta(days=10))
    text = scraped(client)
    assert value(text, "plugpool_events_waiting") == 1
    assert 119 < value(text, "plugpool_events_oldest_seconds") < 180
    assert value(text, 'plugpool_queue_waiting{queue="celery"}') == 0
    assert value(text, 'plugpool_part_up{part="database"}') == 1
    assert value(text, 'plugpool_part_up{part="worker"}') == 1
    assert value(text, 'plugpool_part_up{part="beat"}') == 0
    assert 9.9 < value(text, 'plugpool_expiry_days{kind="authority"}') <= 10
    assert "Waiting" not in text.replace("waiting", "")


def test_a_failing_database_leaves_the_rest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseError

    client.get("/livez")
    monkeypatch.setattr(vitals, "backlog", fail)
    monkeypatch.setattr(vitals, "database_ms", fail)
    text = scraped(client)
    assert value(text, 'plugpool_part_up{part="database"}') == 0
    assert 'plugpool_requests_total{route="livez",method="GET",status="200"} 1' in text
