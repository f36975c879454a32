"""What these tests share: caches of the process start empty, as in a new process."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from apps.participants import records, tokens


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    cache.clear()
    records.forget_all()
    tokens.forget_keys()
    yield
    tokens.forget_keys()
