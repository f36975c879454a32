"""Bulk signing while its worker, its broker, its database or its clock is taken away.

Every contract is signed and stored exactly once, every event is delivered at least once, no job is
stuck. A drill ends when the job does; LIMIT_S bounds it.
"""

import time
from collections.abc import Callable
from typing import Any

from tests.drills.stage import Stage

LIMIT_S = 240


class Signing:
    """A bulk conclusion in progress."""

    def __init__(self, stage: Stage, *, first: int, count: int) -> None:
        self.stage, self.count = stage, count
        self.job = stage.inside("order", str(first), str(count))

    def until(self, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look again and again until the job has come so far."""
        limit = time.monotonic() + LIMIT_S
        while True:
            found = self.stage.job(self.job)
            if reached(found):
                return found
            assert time.monotonic() < limit, found
            time.sleep(0.2)

    def under_way(self, share: float = 0.2) -> None:
        self.until(lambda found: found["done"] >= self.count * share)

    def over(self) -> None:
        found = self.until(lambda found: found["state"] == "done")
        assert found == {"state": "done", "done": self.count, "failed": 0}


def require_whole(stage: Stage, *, contracts: int) -> None:
    """Check that nothing was lost and nothing was done twice."""
    limit = time.monotonic() + LIMIT_S
    while True:
        found = stage.inside("look")
        missing = set(found.pop("due")) - set(stage.receiver.came)
        if (
            not missing
            and found["not_fanned_out"] == 0
            and set(found["deliveries"]) == {"delivered"}
        ):
            break
        assert time.monotonic() < limit, f"{len(missing)} events are missing: {found}"
        time.sleep(2)
    found.pop("deliveries")
    assert found == {
        "contracts": contracts,
        "vehicles": contracts,
        "data": contracts,
        "twice": 0,
        "good_but_not_kept": 0,
        "kept_but_not_good": 0,
        "open": 0,
        "jobs_open": 0,
        "not_fanned_out": 0,
        "breaks_of_the_chain": 0,
    }


def test_a_worker_that_is_killed_again_and_again(running: Stage) -> None:
    signing = Signing(running, first=1, count=2000)
    for share in (0.1, 0.4, 0.7):
        signing.under_way(share)
        running.kill("worker")
        running.start_worker()
    signing.over()
    require_whole(running, contracts=2000)


def test_a_broker_that_forgets_everything(running: Stage) -> None:
    signing = Signing(running, first=2001, count=1000)
    signing.under_way()
    running.wipe_broker()
    signing.over()
    require_whole(running, contracts=3000)


def test_a_database_that_crashes_under_load(running: Stage) -> None:
    signing = Signing(running, first=3001, count=1000)
    signing.under_way()
    running.crash_database()
    signing.over()
    require_whole(running, contracts=4000)


def test_two_clocks_at_once(running: Stage) -> None:
    running.start_beat("second beat")
    signing = Signing(running, first=4001, count=1000)
    signing.over()
    require_whole(running, contracts=5000)
    running.kill("second beat")
