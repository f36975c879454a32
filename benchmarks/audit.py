"""What auditing costs: eight writers at once, with and without their audit events.

    python -m benchmarks.audit [--seconds N] [--rounds N] [--writers N]

On a PostgreSQL of its own, out of a package. Each writer is a process that changes its own webhook
endpoint through the service, one small transaction after the other: rights, an update, the row
read again, and one audit event. In turns all of them write with their events, while a sealer runs
every second, and without. The figure is the middle of the ratios of neighbouring turns, so that
other work on the machine falls on both. The bar is 0.90 of the rate without audit. At the end the
whole chain is verified.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from typing import Any
from unittest.mock import patch

from benchmarks.support.load import use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

BAR = 0.90
WRITERS = 8
WARM_UP = 50
Count = Any


def prepare(url: str, writers: int) -> list[int]:
    """Make an organisation with an endpoint for each writer; return the ids of the endpoints."""
    use(url)
    from django.db import connection

    from apps.core.actor import Role
    from apps.events import services
    from apps.events.models import EventKind
    from tests.factories import parties

    made = []
    for number in range(writers):
        oem = parties.organization(roles=[Role.OEM], wmis=[f"WB{number}"])
        endpoint = services.create_endpoint(
            actor=parties.actor(organization=oem),
            url="https://hooks.example.com/payload",
            events=[EventKind.OEM_CONTRACT_CREATED],
        )
        made.append(endpoint.pk)
    connection.close()
    return made


def write(
    url: str, endpoint_id: int, begun: Any, turns: list[tuple[bool, float]], counts: list[Count]
) -> None:
    """Run in a process of its own: write through all turns, each until its end."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.support.settings"
    os.environ["BENCH_DATABASE"] = url
    import django

    django.setup()
    from apps.audit import services as audit
    from apps.events import services
    from apps.events.models import WebhookEndpoint
    from tests.factories import parties

    endpoint = WebhookEndpoint.objects.select_related("organization").get(pk=endpoint_id)
    actor = parties.actor(organization=endpoint.organization)

    def change(number: int) -> None:
        services.update_endpoint(
            actor=actor, endpoint=endpoint, url=endpoint.url, description=f"change {number}"
        )

    for number in range(WARM_UP):
        change(number)
    begun.wait()
    start = time.monotonic()
    for (audited, end), count in zip(turns, counts, strict=True):
        done = 0
        with patch.object(audit, "record", audit.record if audited else _nothing):
            while time.monotonic() < start + end:
                change(done)
                done += 1
        with count.get_lock():
            count.value += done


def _nothing(**event: object) -> None:
    """What is left of an audit event where there is none."""


def seal(url: str, begun: Any, turns: list[tuple[bool, float]]) -> None:
    """Run in a process of its own: seal every second while events are written."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.support.settings"
    os.environ["BENCH_DATABASE"] = url
    import django

    django.setup()
    from apps.audit import services as audit

    begun.wait()
    start = time.monotonic()
    for audited, end in turns:
        while (left := start + end - time.monotonic()) > 0:
            if audited:
                audit.seal_new()
            time.sleep(min(1.0, left))
    audit.seal_new()


def measure(url: str, *, writers: int, seconds: float, rounds: int) -> list[tuple[float, float]]:
    """Return for each round the rates with and without audit."""
    context = multiprocessing.get_context("spawn")
    ids = prepare(url, writers)
    begun = context.Barrier(writers + 1)
    # With, without, without, with, ...: what grows in the run falls on both alike.
    order = [audited for n in range(rounds) for audited in ((True, False), (False, True))[n % 2]]
    turns = [(audited, (n + 1) * seconds) for n, audited in enumerate(order)]
    counts = [context.Value("q", 0) for _ in turns]
    processes = [context.Process(target=write, args=(url, pk, begun, turns, counts)) for pk in ids]
    processes.append(context.Process(target=seal, args=(url, begun, turns)))
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise RuntimeError("A writer failed")
    rates = [(audited, count.value / seconds) for audited, count in zip(order, counts, strict=True)]
    pairs = [rates[n : n + 2] for n in range(0, len(rates), 2)]
    return [(dict(pair)[True], dict(pair)[False]) for pair in pairs]


def main() -> int:
    """Measure, print, verify the chain; 1 where the bar was missed or the chain is broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a turn takes")
    parser.add_argument("--rounds", type=int, default=15, help="how many turns of each kind")
    parser.add_argument("--writers", type=int, default=WRITERS)
    options = parser.parse_args()
    print_machine()
    with postgresql() as url:
        found = measure(
            url, writers=options.writers, seconds=options.seconds, rounds=options.rounds
        )
        from django.db import connection

        from apps.audit import services as audit
        from apps.audit.models import AuditEvent

        broken = audit.verify()
        events = AuditEvent.objects.count()
        connection.close()
    for audited, plain in found:
        print(f"  {audited:7,.0f}/s with audit   {plain:7,.0f}/s without   {audited / plain:.2f}")
    ratio = statistics.median(audited / plain for audited, plain in found)
    print(f"{options.writers} writers keep {ratio:.2f} of their rate (bar {BAR:.2f})")
    print(f"{events:,} events, the chain {'is broken: ' + str(broken[0]) if broken else 'holds'}")
    return 0 if ratio >= BAR and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
