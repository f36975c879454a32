"""The world that the answers are about."""

import pytest

from apps.core import queue
from tests.factories import contracts


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works on what these calls queue."""
    monkeypatch.setattr(queue, "_send", lambda task, args: None)


@pytest.fixture
def world(db: None) -> contracts.World:
    """An ecosystem in which an MO with its own CA and an OEM meet."""
    return contracts.world(own_pki=True)
