"""What these tests share: caches of the process start empty, as in a new process."""

from collections.abc import Iterator

import pytest

from tests.factories.calls import forget_processes


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()
