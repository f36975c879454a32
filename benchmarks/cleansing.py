"""What it costs to take 10,000 ended rows out of pools of 100,000 and of 1,000,000 rows.

    python -m benchmarks.cleansing [--small N] [--large N] [--ended N] [--rounds N]

On a PostgreSQL of its own with two databases. Each vehicle of the PCP has a contract with data in
the CCP; the rows are copies of real ones. In each round as many vehicles end, in another part of
the pool each time, and a run finds and removes them, while their contracts follow and their MOs
are told; after that as many contract certificates end, and a run drops their data. Measured is the
time that the process and those of its database were at work from the start of the run to its last
batch. The bar: a ratio under 1.5 for either pool.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks.pages import processor_clock
from benchmarks.support.load import use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

BAR = 1.5
SMALL = 100_000
LARGE = 1_000_000
ENDED = 10_000
ROUNDS = 3
POOLS = ("pcp", "ccp")
Times = dict[str, tuple[float, float]]
"""Pool -> seconds at work and seconds on the wall."""


@dataclass(frozen=True)
class House:
    """A process with pools of one size."""

    pipe: Connection

    def cleanse(self, place: int) -> Times:
        """Let rows end in the given part of the pools, and take them out."""
        self.pipe.send(place)
        found: Times = self.pipe.recv()
        return found


def answer(database: str, size: int, ended: int, pipe: Connection) -> None:
    """Run in a process of its own: fill the database, then cleanse as often as asked."""
    use(database)
    _fill(size)
    clock = processor_clock()
    pipe.send("ready")
    for place in iter(pipe.recv, None):
        times: Times = {}
        for pool in POOLS:
            _end(pool, place * 2 + POOLS.index(pool), ended)
            began, began_on_wall = clock(), time.monotonic()
            removed = _cleanse(pool)
            times[pool] = clock() - began, time.monotonic() - began_on_wall
            if removed != ended:
                raise SystemExit(f"{removed} rows of the {pool} left instead of {ended}")
        pipe.send(times)


def _fill(size: int) -> None:
    """Copy one vehicle and its contract `size` times; every tenth ends within two months."""
    from django.core.management.color import no_style
    from django.db import connection

    from apps.contract_pool.models import Contract, ContractData
    from apps.provisioning_pool.models import ProvisioningCertificate
    from tests.factories import contracts

    world = contracts.world(own_pki=True)
    world.sign()
    ends = "now() + (60 + n * 7 % 700) * interval '1 day'"
    pcid, emaid = "'WVW' || lpad(n::text, 14, '0')", "'DEAAAC' || lpad(n::text, 8, '0')"
    copies = {
        ProvisioningCertificate: {
            "pcid": pcid,
            "fingerprint": _digest("vehicle"),
            "serial": _digest("serial", 16),
            "not_after": ends,
        },
        Contract: {"pcid": pcid, "emaid": emaid, "emaid_key": emaid, "ends": ends},
        ContractData: {
            "contract_id": "n",
            "certificate_fingerprint": _digest("contract"),
            "certificate_serial": _digest("serial of contract", 16),
            "certificate_not_after": ends,
            "valid_until": ends,
        },
    }
    with connection.cursor() as cursor:
        for model, columns in copies.items():
            fields = [str(field.column) for field in model._meta.concrete_fields]
            values = {name: f't."{name}"' for name in fields} | {"id": "n", **columns}
            chosen = ", ".join(values[name] for name in fields)
            names, table = ", ".join(f'"{name}"' for name in fields), model._meta.db_table
            # The copied row, which is the first, stays.
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM "{table}" t'
                f" CROSS JOIN generate_series(1001, {1000 + size}) n WHERE t.id = "
                f'(SELECT min(id) FROM "{table}")'
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), list(copies)):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")


def _digest(label: str, octets: int = 32) -> str:
    return f"substring(sha256(('{label} ' || n)::bytea) for {octets})"


def _end(pool: str, place: int, ended: int) -> None:
    """Let rows that stand together, as those of one production week do, have ended."""
    from django.db import connection

    table, column = {
        "pcp": ("provisioning_pool_provisioningcertificate", "not_after"),
        "ccp": ("contract_pool_contractdata", "certificate_not_after"),
    }[pool]
    first = 1001 + place * ended
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = now() - (id % 30 + 1) * interval '1 day'"
            f" WHERE id >= {first} AND id < {first + ended}"
        )
        cursor.execute(f"VACUUM ANALYZE {table}")


def _cleanse(pool: str) -> int:
    from apps.core.actor import system
    from apps.operator import cleansing, selectors
    from apps.operator.models import CleansingRun

    actor, trigger = system("benchmark"), CleansingRun.Trigger.COMMAND
    run = cleansing.start(actor=actor, trigger=trigger, pools=[pool])
    if run.job_id:
        cleansing.work_off(job_id=run.job_id)
    return sum(one.removed for one in selectors.results_of(run))


@contextmanager
def houses(databases: list[str], sizes: list[int], ended: int) -> Iterator[list[House]]:
    """Processes over the databases, filled at the same time."""
    context = multiprocessing.get_context("spawn")
    running, pipes = [], []
    for database, size in zip(databases, sizes, strict=True):
        here, there = context.Pipe()
        process = context.Process(target=answer, args=(database, size, ended, there), daemon=True)
        process.start()
        there.close()
        running.append(process)
        pipes.append(here)
    try:
        for pipe in pipes:
            pipe.recv()
        yield [House(pipe) for pipe in pipes]
        for pipe in pipes:
            pipe.send(None)
    finally:
        for process in running:
            process.join(timeout=10)
            process.kill()


def _databases(url: str) -> list[str]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("small", "large"):
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
            # The work of helping processes would not be counted.
            connection.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
    return [url.replace("/postgres?", f"/{name}?") for name in ("small", "large")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int, default=LARGE)
    parser.add_argument("--ended", type=int, default=ENDED)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if 2 * given.rounds * given.ended > given.small:
        parser.error("the small pool does not hold as many rows as all rounds take out")
    print_machine()
    sizes = [given.small, given.large]
    with postgresql() as url, houses(_databases(url), sizes, given.ended) as both:
        rounds = [[house.cleanse(place) for house in both] for place in range(given.rounds)]
    ratios = [_report(pool, sizes, given.ended, rounds) for pool in POOLS]
    sys.exit(0 if max(ratios) < BAR else 1)


def _report(pool: str, sizes: list[int], ended: int, rounds: list[list[Times]]) -> float:
    """Print the medians of a pool, and return their ratio."""
    medians = []
    for number, size in enumerate(sizes):
        work = statistics.median(times[number][pool][0] for times in rounds)
        wall = statistics.median(times[number][pool][1] for times in rounds)
        medians.append(work)
        print(
            f"{pool}  {ended:,} of {size:>9,}: {work:6.1f} s at work, {wall:6.1f} s on the wall,"
            f" {ended / work:6.0f} rows/s at work"
        )
    ratio = medians[1] / medians[0]
    print(f"{pool}  ratio {ratio:.2f} (bar {BAR})")
    return ratio


if __name__ == "__main__":
    main()
