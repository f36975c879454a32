"""One line for each step of the first start, with its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Counts steps to `total`."""

    def __init__(self, *, out: TextIO, total: int) -> None:
        self._out = out
        self._total = total
        self._done = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self._done += 1
        seconds = time.monotonic() - started
        self._out.write(f"[{self._done:2}/{self._total}] {title:<62} {seconds:5.1f} s\n")
        self._out.flush()
