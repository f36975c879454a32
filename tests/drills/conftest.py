"""One stage for all drills: what one of them breaks is whole again for the next."""

from collections.abc import Iterator

import pytest

from tests.drills import stage
from tests.drills.stage import Stage

VEHICLES = 5000


@pytest.fixture(scope="session")
def running() -> Iterator[Stage]:
    with stage.running() as made:
        made.inside("seed", str(VEHICLES), made.receiver.host)
        made.start_worker()
        made.start_beat()
        yield made
