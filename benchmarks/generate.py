"""How many contracts a second are generated and stored, in one process on SQLite.

    python -m benchmarks.generate

Each one is a fresh key, a certificate of the MO CA (drafted, linted, signed), the key sealed for
its vehicle, contract data signed by the CPS and stored with its audit entries and event: what a
row of a bulk conclusion does, through the same service. The bar is 250 a second.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.support.load import use
from benchmarks.support.machine import print_machine

BAR = 250
CONTRACTS = 1000
ROUND = 200
WARM_UP = 50
SINGLE = 60


def main() -> None:
    print_machine()
    with tempfile.TemporaryDirectory(prefix="plugpool-bench-") as folder:
        use(Path(folder) / "bench.sqlite3")
        batched, single = measure()
    print(f"in batches         {batched:8.0f} contracts/s (bar {BAR})")
    print(f"one by one         {single:8.0f} contracts/s")
    print(f"ratio              {batched / BAR:8.2f} of the bar")
    sys.exit(0 if batched >= BAR else 1)


def measure() -> tuple[float, float]:
    """Contracts a second, in batches as a worker makes them and one at a time as REST does."""
    from apps.core.errors import DomainError
    from apps.jobs.services import CHUNK as BATCH
    from apps.provisioning_service import services
    from tests.factories import contracts, trust

    world = contracts.world()
    now = trust.now()
    orders = [
        services.Order(
            pcid=trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner).pcid,
            emaid=world.mo.emaid(),
            begins=now,
            ends=now + timedelta(days=300),
        )
        for _ in range(WARM_UP + CONTRACTS + SINGLE)
    ]

    def run(part: list[services.Order], size: int) -> float:
        started = time.perf_counter()
        for place in range(0, len(part), size):
            made = services.generate_many(actor=world.mo.actor, orders=part[place : place + size])
            failed = [one for one in made if isinstance(one, DomainError)]
            if failed:
                raise failed[0]
        return len(part) / (time.perf_counter() - started)

    run(orders[:WARM_UP], BATCH)
    batched = statistics.median(
        run(orders[place : place + ROUND], BATCH)
        for place in range(WARM_UP, WARM_UP + CONTRACTS, ROUND)
    )
    return batched, run(orders[WARM_UP + CONTRACTS :], 1)


if __name__ == "__main__":
    main()
