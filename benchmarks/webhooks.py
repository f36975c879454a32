"""Webhooks: how many events are fanned out and delivered in a second.

    python -m benchmarks.webhooks [--events N] [--workers N]

On a PostgreSQL of its own, out of a package. An OEM with one endpoint is told of N contracts, each
for another vehicle, and its MO, with an endpoint as well, of each that the OEM took. The receiver
on loopback is a process of its own that answers 200 to everything. Beside it, in the same run: the
same number of processes that do nothing but post such bodies with the same HTTP client, which is
the most that a dispatcher could reach. The bar is 300 events fanned out in a second.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import asyncio
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized

from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

BAR = 300
EVENTS = 2000
WORKERS = 2
MODULE = "benchmarks.webhooks"


@dataclass
class Meter:
    """What the receiver saw: how many requests, and when the first and the last came."""

    port: "Synchronized[int]"
    count: "Synchronized[int]"
    first: "Synchronized[float]"
    last: "Synchronized[float]"

    def reset(self) -> None:
        self.count.value, self.first.value = 0, 0.0

    def rate(self) -> float:
        return (self.count.value - 1) / (self.last.value - self.first.value)


def receive(meter: Meter) -> None:
    """Answer 200 to every request, one per connection, as the outgoing client makes them."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        now = time.monotonic()
        meter.first.value = meter.first.value or now
        meter.last.value = now
        meter.count.value += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
        meter.port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(serve())


def worker(task: str, argument: str) -> None:
    """Run in a process of its own: dispatch to an endpoint, or post as fast as the client can."""
    _setup()
    from apps.events.models import WebhookLane
    from apps.events.services import dispatch

    if task == "dispatch":
        while WebhookLane.objects.exists():
            for endpoint_id in argument.split(","):
                dispatch(endpoint_id=int(endpoint_id))
    else:
        _post(int(argument))


def _post(count: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from apps.core import http
    from apps.events import envelope
    from apps.events.services.dispatching import PARALLEL

    body = b"x" * 1400
    url = f"http://{os.environ['BENCHMARK_TARGET']}/hook"

    def once(_: int) -> int:
        return http.request(
            "POST", url, content=body, headers=envelope.headers(body, secret=b"s")
        ).status

    with ThreadPoolExecutor(PARALLEL) as pool:
        assert set(pool.map(once, range(count))) == {200}


def _setup() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from django.conf import settings

    settings.HTTP_SANDBOX_TARGETS = (os.environ["BENCHMARK_TARGET"],)


def _run_workers(count: int, task: str, argument: str) -> None:
    command = [sys.executable, "-m", MODULE, "--run", task, argument]
    running = [subprocess.Popen(command) for _ in range(count)]
    codes = [process.wait() for process in running]
    if any(codes):
        raise SystemExit("A worker failed")


def _tell(events: int) -> tuple[float, str]:
    """Emit the events and fan them out; return the rate and the endpoints."""
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from apps.core.actor import Role
    from apps.events import audience, services
    from apps.events.models import EventKind
    from tests.factories import parties

    call_command("migrate", verbosity=0)
    oem = parties.organization(wmis=["WVW"])
    mo = parties.organization(provider_ids=["DEMOB"], roles=[Role.MO])
    url = f"http://{os.environ['BENCHMARK_TARGET']}/hook"
    endpoints = [
        services.create_endpoint(actor=actor, url=url, events=audience.kinds_of(actor.roles))
        for actor in (parties.actor(organization=one) for one in (oem, mo))
    ]
    messages = [
        services.Message(
            kind=EventKind.OEM_CONTRACT_CREATED,
            organization_id=oem.pk,
            counterpart_id=mo.pk,
            lane=f"WVW{number:014d}",
            payload={
                "emaid": f"DEMOBC{number:08d}",
                "pcid": f"WVW{number:014d}",
                "contractCert": "QUJD" * 250,
            },
        )
        for number in range(events)
    ]
    with transaction.atomic():
        services.emit_many(messages=messages)
    started = time.perf_counter()
    while services.fan_out(now=timezone.now()):
        pass
    return events / (time.perf_counter() - started), ",".join(str(one.pk) for one in endpoints)


def measure(events: int, workers: int, meter: Meter) -> float:
    """Print the figures of one run; return the events fanned out in a second."""
    _setup()
    from django.utils import timezone

    from apps.events import services
    from apps.events.models import WebhookDelivery

    fanned_out, endpoints = _tell(events)
    print(f"fan-out:           {fanned_out:8,.0f} events/s in one process (bar {BAR})", flush=True)
    _run_workers(workers, "post", str(events // workers))
    bare = meter.rate()
    print(f"HTTP client alone: {bare:8,.0f} requests/s ({workers} processes)", flush=True)
    meter.reset()
    _run_workers(workers, "dispatch", endpoints)
    print(f"delivery to OEM:   {meter.rate():8,.0f} events/s, {meter.rate() / bare:.2f} of it")
    while services.fan_out(now=timezone.now()):
        pass
    meter.reset()
    _run_workers(workers, "dispatch", endpoints)
    print(f"delivery to MO:    {meter.rate():8,.0f} events/s, {meter.rate() / bare:.2f} of it")
    states = WebhookDelivery.objects.values_list("state", flat=True)
    assert list(states) == ["delivered"] * 2 * events
    return fanned_out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        worker(*given.run)
        return
    print_machine()
    meter = Meter(*(multiprocessing.Value(kind, 0) for kind in "iidd"))
    receiver = multiprocessing.Process(target=receive, args=(meter,), daemon=True)
    receiver.start()
    try:
        with postgresql() as database:
            os.environ["DATABASE_URL"] = database
            os.environ["BENCHMARK_TARGET"] = f"127.0.0.1:{meter.port.value}"
            fanned_out = measure(given.events, given.workers, meter)
    finally:
        receiver.kill()
    sys.exit(0 if fanned_out >= BAR else 1)


if __name__ == "__main__":
    main()
