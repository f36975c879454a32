"""What these tests share: processes that remember nothing, and status services on loopback."""

from collections.abc import Iterator

import pytest

from tests.factories.calls import forget_processes
from tests.factories.status_services import status_server_fixture

__all__ = ["status_server_fixture"]


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()
