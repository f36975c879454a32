"""Bulk work over Celery's worker processes: contracts generated and certificates imported.

    python -m benchmarks.bulk [--rows N] [--rounds N] [--workers N]

On a PostgreSQL and a Valkey of its own, out of packages, as they are configured from the start. A
job of N rows is started as the portal does, and Celery worker processes work it off: contracts are
made, signed and stored; certificates are imported with every check, the sub-CA paths and the
status of their issuers being known. Beside it, alternating in the same run: as many processes that
do the cryptography of these alone (`benchmarks.support.bare`). Medians of the rounds.

The bars: 700 contracts and 1,500 certificates a second in all, and 25 % of the bare cryptography.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import base64
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.support import bare
from benchmarks.support.load import ROOT, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql, valkey

if TYPE_CHECKING:
    from apps.jobs.models import Job

BARS = {"contracts": 700, "certificates": 1500}
SHARE = 0.25
ROWS = 4000
ROUNDS = 5
WARM_UP = 400
PATIENCE_S = 300
WORKERS = 2


@dataclass
class Figures:
    """Rates of all rounds, of the product and of the bare cryptography."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def say(self, name: str) -> bool:
        ours, floor = statistics.median(self.ours), statistics.median(self.floor)
        bar = BARS[name]
        print(f"{name:14} {ours:8,.0f} /s (bar {bar:,}, from {min(self.ours):,.0f})")
        print(f"{'  bare':14} {floor:8,.0f} /s, {ours / floor:.2f} of it (bar {SHARE})", flush=True)
        return ours >= bar and ours / floor >= SHARE


@contextmanager
def workers(count: int) -> Iterator[None]:
    """Celery's worker processes, as in production."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker"]
    command += ["--concurrency", str(count), "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


class Bench:
    """A small ecosystem, and jobs in it."""

    def __init__(self) -> None:
        from apps.demo import fleet
        from tests.factories import contracts

        self.world: contracts.World = contracts.world()
        made, owner = self.world.oem.pki, self.world.vehicle.owner
        url = "http://status.example.org"
        sub2, sub1 = made.sub2, made.sub1
        wmi = str(self.world.vehicle.pcid.wmi)
        self.maker = fleet.Maker(
            owner, wmi, sub2.certificate, sub1.certificate, sub2.key, f"{url}/ocsp", f"{url}/crl"
        )
        self._numbers = 0

    def contracts(self, count: int) -> "Job":
        """Generate contract data for vehicles that have none."""
        from apps.demo import fleet
        from apps.provisioning_service import services
        from tests.factories import trust

        list(fleet.add_vehicles(maker=self.maker, count=count))
        now = trust.now()
        first, self._numbers = self._numbers, self._numbers + count
        rows = [
            {
                "pcid": fleet.pcid_of(self.maker.wmi, number + 1),
                "emaid": str(self.world.mo.emaid()),
                "begins": now.isoformat(),
                "ends": now.replace(year=now.year + 1).isoformat(),
            }
            for number in range(first, first + count)
        ]
        return services.start_bulk(actor=self.world.mo.actor, rows=rows)

    def certificates(self, count: int) -> "Job":
        """Import vehicles that are new."""
        from apps.jobs import services as jobs
        from apps.oem.services.publishing import KIND
        from tests.factories import trust

        rows = list(self._uploaded(count))
        return jobs.start(actor=trust.oem_actor(self.maker.owner), kind=KIND, rows=rows)

    def _uploaded(self, count: int) -> Iterator[dict[str, Any]]:
        """What the dry run hands to the import."""
        from apps.demo.fleet.casting import Mould, Terms
        from tests.factories import trust

        now, maker = trust.now(), self.maker
        ends = now.replace(year=now.year + 4)
        terms = Terms("Car maker", now, ends, maker.ocsp_url, maker.crl_url)
        mould = Mould(terms, pcid=f"{maker.wmi}{0:014d}", issuer=maker.sub2, key=maker.key)
        above = {"sub2": maker.sub2.der, "sub1": maker.sub1.der}
        shared = {name: base64.b64encode(der).decode() for name, der in above.items()}
        for _ in range(count):
            pcid = trust.pcid(maker.wmi)
            der, _ = mould.cast(pcid, ec.generate_private_key(bare.P256).public_key())
            vehicle = base64.b64encode(der).decode()
            yield {"pcid": pcid, "file": "fleet.zip", "vehicle": vehicle, **shared}


def finished(job: "Job", started: float) -> float:
    """Wait for the end of a job; return its rows a second."""
    from apps.jobs.models import Job

    until = time.time() + PATIENCE_S
    while job.state not in (Job.State.DONE, Job.State.CANCELLED):
        if time.time() > until:
            raise SystemExit(f"Only {job.done} of {job.total} rows after {PATIENCE_S} s")
        time.sleep(0.1)
        job.refresh_from_db()
    if job.failed or job.finished_at is None:
        failed = job.rows.filter(state="failed").first()
        raise SystemExit(f"{job.failed} rows failed: {failed and failed.message}")
    return job.total / (job.finished_at.timestamp() - started)


def measure(rows: int, rounds: int, processes: int) -> bool:
    """Alternate bare cryptography and jobs; print the medians."""
    bench = Bench()
    kinds = {
        "contracts": (bench.contracts, bare.contract),
        "certificates": (bench.certificates, bare.checked),
    }
    figures = {name: Figures() for name in kinds}
    with workers(processes):
        for start, _ in kinds.values():
            finished(start(WARM_UP), time.time())
        for _ in range(rounds):
            for name, (start, floor) in kinds.items():
                figures[name].floor.append(bare.rate(floor, processes=processes))
                job = start(rows)
                figures[name].ours.append(finished(job, time.time()))
    reached = [one.say(name) for name, one in figures.items()]
    return all(reached)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    given = parser.parse_args()
    print_machine()
    with postgresql() as database, valkey() as cache:
        os.environ["BENCH_CACHE"] = cache
        os.environ["BENCH_BROKER"] = cache.replace("unix://", "redis+socket://")
        os.environ["JOB_WORKERS"] = str(given.workers)
        use(database)
        reached = measure(given.rows, given.rounds, given.workers)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
