"""How fast a charge point's request is answered as the pools grow.

    python -m benchmarks.scale [--rows N ...] [--seconds N] [--rounds N]

On a PostgreSQL with a database for each size (10,000 and 100,000 contracts; `--rows 10000 100000
1000000` takes minutes and 6 GB of disk, 5,000,000 need 30 GB) and a Valkey, two web workers for
each, 8 clients. In each round vehicles are drawn anew, uniformly over all, and sign their
CertificateInstallationReq beforehand; each request is asked in turn of every size and of the
reference view beside it: the same authentication and body, one SELECT and one INSERT of one row.
The vehicles' certificates are real; contracts but the first 100 are copied rows
(`benchmarks.support.fleet`). Medians of the rounds.

The bars: 0.60 of the reference; p99 under 100 ms; the largest within 25 % of the smallest size's
rate, and its p99 within 1.5 times.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from benchmarks.support.asking import Ask, Run, ask, ask_all
from benchmarks.support.load import server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import databases, postgresql, valkey

BAR, P99_MS = 0.60, 100
SLOWER, LONGER = 0.75, 1.5
ROWS = (10_000, 100_000)
ROUNDS = 5
SECONDS = 4.0
WORKERS = 2
DRAWN = 2000
KINDS = ("reference", "installation")


@dataclass
class House:
    """Pools of one size, and the server before them."""

    size: int
    port: int
    pipe: Connection
    runs: dict[str, list[Run]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def drawn(self, seed: int) -> dict[str, list[Ask]]:
        """Requests of vehicles that were drawn anew."""
        self.pipe.send(seed)
        found: dict[str, list[Ask]] = self.pipe.recv()
        return found

    def median(self, kind: str, name: str) -> float:
        return statistics.median(float(getattr(run, name)) for run in self.runs[kind])

    @property
    def share(self) -> float:
        pairs = zip(self.runs["installation"], self.runs["reference"], strict=True)
        return statistics.median(ours.rate / least.rate for ours, least in pairs)


def answer(database: str, size: int, pipe: Connection) -> None:
    """Run in a process of its own: fill the database, then draw requests as often as asked."""
    use(database)
    from benchmarks.support import fleet

    made = fleet.Fleet(size)
    token = fleet.cpo_token()
    pipe.send("ready")
    for seed in iter(pipe.recv, None):
        pipe.send(made.asked(made.draw(DRAWN, seed=seed), token=token))


@contextmanager
def houses(urls: list[str], sizes: list[int], cache: str) -> Iterator[list[House]]:
    """Fill the databases at the same time; then servers over each."""
    context = multiprocessing.get_context("spawn")
    pipes = []
    for database, size in zip(urls, sizes, strict=True):
        here, there = context.Pipe()
        process = context.Process(target=answer, args=(database, size, there), daemon=True)
        process.start()
        there.close()
        pipes.append(here)
    for pipe in pipes:
        pipe.recv()
    with ExitStack() as stack:
        made = []
        for number, (database, size, pipe) in enumerate(zip(urls, sizes, pipes, strict=True)):
            os.environ["BENCH_CACHE"] = f"{cache}?db={number}"
            made.append(House(size, stack.enter_context(server(database, workers=WORKERS)), pipe))
        yield made
    for pipe in pipes:
        pipe.send(None)


def measure(made: list[House], *, seconds: float, rounds: int) -> None:
    """Ask all sizes and both views in turns."""
    for number in range(rounds + 1):
        for house in made[:: -1 if number % 2 else 1]:
            drawn = house.drawn(number)
            if number == 0:
                for kind in KINDS:
                    ask_all(house.port, drawn[kind][:400])
                continue
            for kind in KINDS[:: -1 if number % 2 else 1]:
                house.runs[kind].append(ask(house.port, drawn[kind], seconds=seconds))


def report(made: list[House]) -> bool:
    reached = True
    for house in made:
        slowest = house.median("installation", "p99")
        reached = reached and house.share >= BAR and slowest < P99_MS
        for kind in KINDS:
            rate, p50, p99 = (house.median(kind, name) for name in ("rate", "p50", "p99"))
            print(
                f"{house.size:>9,} contracts  {kind:13} {rate:7,.0f} /s"
                f"  p50 {p50:5.1f} ms  p99 {p99:5.1f} ms"
            )
        print(f"{'':30} {house.share:.2f} of the reference (bar {BAR}), p99 bar {P99_MS} ms")
    first, last = made[0], made[-1]
    rate = last.median("installation", "rate") / first.median("installation", "rate")
    longer = last.median("installation", "p99") / first.median("installation", "p99")
    print(f"from {first.size:,} to {last.size:,}: rate {rate:.2f} (bar {SLOWER}), ", end="")
    print(f"p99 {longer:.2f} times (bar {LONGER})")
    return reached and rate >= SLOWER and longer <= LONGER


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    sizes = sorted(given.rows)
    print_machine()
    with postgresql() as url, valkey() as cache:
        urls = databases(url, [f"rows{size}" for size in sizes])
        with houses(urls, sizes, cache) as made:
            measure(made, seconds=given.seconds, rounds=given.rounds)
            reached = report(made)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
