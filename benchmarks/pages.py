"""How long the portal's pages take, with 1,000 and with 100,000 rows in every pool.

    python -m benchmarks.pages [--large N] [--only WORD]

On a PostgreSQL of its own with two databases that hold the same parties and as many vehicles,
contracts, data, deliveries, certificates, events and audit events as said; one party of each role
owns a good part of them. Two processes, one per database, answer the same pages in turns, with
empty caches: one of each kind that somebody can reach by clicking, and each filter, order and
search of the lists. A page whose tables have fewer rows with the small pools compares nothing, so
it counts as missed.
Measured is a whole request in the process (middleware, queries, template): the time that this
process and those of its database were at work, which on an idle machine is the time on the wall;
other work on the machine hardly counts. The bar: every page under 200 ms with the large pools,
and under 1.5 times what it takes with the small ones. A page that misses is measured once more,
with more rounds, because other work may have been in the way.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.support.load import use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

if TYPE_CHECKING:
    from benchmarks.support.visits import Visit

BAR_MS = 200.0
BAR_RATIO = 1.5
SMALL = 1_000
LARGE = 100_000
ROUNDS = 2
MORE_ROUNDS = 9


@dataclass(frozen=True)
class Timed:
    """A page's medians with the small and the large pools, in milliseconds, and its table rows."""

    label: str
    small: float
    large: float
    rows: tuple[int, int]

    @property
    def ratio(self) -> float:
        return self.large / self.small

    @property
    def is_fast(self) -> bool:
        return self.large < BAR_MS and self.ratio < BAR_RATIO

    @property
    def is_good(self) -> bool:
        return self.is_fast and self.rows[0] >= self.rows[1]

    def __str__(self) -> str:
        line = f"{self.label:86}{self.small:8.1f}{self.large:9.1f}{self.ratio:7.2f}"
        if self.rows[0] < self.rows[1]:
            line += f"  {self.rows[0]} rows, not {self.rows[1]}"
        return line if self.is_good else f"{line}  missed"


@dataclass(frozen=True)
class House:
    """A process that answers pages out of pools of one size."""

    pipe: Connection
    labels: list[str]

    def open(self, page: int) -> tuple[float, int]:
        """Return the milliseconds that a page took, and how many rows its tables have."""
        self.pipe.send(page)
        taken, rows = self.pipe.recv()
        return float(taken), int(rows)


def answer(database: str, size: int, only: str, pipe: Connection) -> None:
    """Run in a process of its own: fill the database, then answer page after page."""
    use(database)
    from benchmarks.support.visits import visits
    from tests.portal import world

    made = world.build()
    from benchmarks.support.pools import fill

    fill(made, size=size)
    pages = [page for page in visits(made) if only in page.label]
    serve(pages, pipe)


def serve(pages: list["Visit"], pipe: Connection) -> None:
    """Open the pages that are asked for; answer with the milliseconds and the rows of tables."""
    pipe.send([page.label for page in pages])
    for number in iter(pipe.recv, None):
        clock = processor_clock()
        started = clock()
        content = pages[number].open()
        pipe.send((1000 * (clock() - started), content.count(b"<tr")))


def processor_clock() -> Callable[[], float]:
    """Return a clock of the seconds that this process and those of its database were at work.

    Where the system does not tell it, the seconds on the wall.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        files = [Path(f"/proc/{pid}/schedstat") for (pid,) in cursor.fetchall()]
    if not all(file.exists() for file in files):
        return time.perf_counter

    def clock() -> float:
        there = sum(int(file.read_text().split()[0]) for file in files if file.exists())
        return time.process_time() + there / 1e9

    return clock


@contextmanager
def houses(databases: list[str], sizes: list[int], only: str) -> Iterator[list[House]]:
    """Processes over the databases, filled at the same time."""
    context = multiprocessing.get_context("spawn")
    running, pipes = [], []
    for database, size in zip(databases, sizes, strict=True):
        here, there = context.Pipe()
        process = context.Process(target=answer, args=(database, size, only, there), daemon=True)
        process.start()
        there.close()
        running.append(process)
        pipes.append(here)
    try:
        yield [House(pipe, pipe.recv()) for pipe in pipes]
        for pipe in pipes:
            pipe.send(None)
    finally:
        for process in running:
            process.join(timeout=10)
            process.kill()


def measure(small: House, large: House, page: int, *, rounds: int) -> Timed:
    """Open a page with the small and the large pools in turns."""
    pairs = [(small.open(page), large.open(page)) for _ in range(rounds + 1)][1:]
    times = [[taken for taken, _rows in house] for house in zip(*pairs, strict=True)]
    (_, few), (_, many) = pairs[-1]
    of_small, of_large = map(statistics.median, times)
    return Timed(small.labels[page], of_small, of_large, (few, many))


def figures(small: House, large: House) -> list[Timed]:
    """Measure and print every page."""
    differing = set(small.labels) ^ set(large.labels)
    if differing:
        raise SystemExit(f"Only one of the databases has these pages: {sorted(differing)}")
    found = []
    for page in range(len(small.labels)):
        timed = measure(small, large, page, rounds=ROUNDS)
        if not timed.is_fast:
            timed = measure(small, large, page, rounds=MORE_ROUNDS)
        print(timed, flush=True)
        found.append(timed)
    return found


def _databases(url: str, names: list[str]) -> list[str]:
    """Make databases in a locale that is not C, as servers have: there prefixes need more."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
            )
            # The work of helping processes would not be counted.
            connection.execute(f"ALTER DATABASE {name} SET max_parallel_workers_per_gather = 0")
    return [url.replace("/postgres?", f"/{name}?") for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--large", type=int, default=LARGE)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    given = parser.parse_args()
    print_machine()
    with postgresql() as url:
        databases = _databases(url, ["small", "large"])
        with houses(databases, [SMALL, given.large], given.only) as (small, large):
            print(f"{'ms, median':86}{SMALL:8,}{given.large:9,}{'ratio':>7}")
            found = figures(small, large)
    slowest = max(found, key=lambda timed: timed.large)
    steepest = max(found, key=lambda timed: timed.ratio)
    print(f"slowest   {slowest.large:6.1f} ms (bar {BAR_MS:.0f}): {slowest.label}")
    print(f"steepest  {steepest.ratio:6.2f} (bar {BAR_RATIO}): {steepest.label}")
    missed = [timed for timed in found if not timed.is_good]
    print(f"{len(found) - len(missed)} of {len(found)} pages reach the bar")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
