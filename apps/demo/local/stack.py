"""A small process manager: starts parts in order, prints what they say, leaves none behind.

Parts are stopped in the reverse order of their start, because a worker that loses its broker
first would wait for it. Each part leads a session of its own: Ctrl-C in the terminal reaches only
the supervisor, and whatever a part forked can be ended with it.
"""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self, TextIO

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 8.0
"""How long a part may take to end after SIGTERM; a worker finishes the task in hand."""
TICK_S = 0.05


class Stopped(Exception):
    """The stack was asked to stop, or a part ended by itself."""

    def __init__(self, message: str, *, asked: bool = False) -> None:
        super().__init__(message)
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Part:
    """One running part."""

    name: str
    process: subprocess.Popen[str]
    printer: threading.Thread


class Stack:
    """Use it as a context manager in the main thread: leaving it ends every part.

    While it is entered SIGINT, SIGTERM and SIGHUP only set a mark, which `wait` and `finish` turn
    into Stopped; so no signal can fall between starting a process and knowing its id. A second
    signal while stopping ends the parts at once. A terminal that is closed counts as asked too:
    the kernel tells only the first process in it, which need not pass the signal on.
    """

    def __init__(self, *, out: TextIO, environment: Mapping[str, str] | None = None) -> None:
        self._out = out
        self._environment = dict(os.environ if environment is None else environment)
        self._parts: list[Part] = []
        self._asked: list[int] = []
        self._before: dict[int, signal.Handlers | int | object] = {}
        self._terminal = select.poll()
        if out.isatty():
            self._terminal.register(out.fileno(), 0)  # a hang-up is told without being asked for

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() returned

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._asked.append(number)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a part; its output goes on line by line under its name."""
        process = subprocess.Popen(  # noqa: S603  our own commands
            [sys.executable, "-m", "apps.demo.local.leash", str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        printer = threading.Thread(target=self._print_lines, args=(name, process), daemon=True)
        printer.start()
        self._parts.append(Part(name, process, printer))

    def _print_lines(self, name: str, process: subprocess.Popen[str]) -> None:
        listening = True
        for line in process.stdout or ():
            if listening:
                try:
                    self._out.write(f"{name:<7}| {line.rstrip()}\n")
                    self._out.flush()
                except (OSError, ValueError):  # the terminal is gone; keep draining the pipe
                    listening = False

    def wait(self) -> None:
        """Wait until the stack is asked to stop or a part ends. Always raises Stopped."""
        while True:
            self._check()
            time.sleep(TICK_S)

    def finish(self, name: str) -> None:
        """Wait for a part that is meant to end, and forget it. Raises Stopped if it fails."""
        part = next(part for part in self._parts if part.name == name)
        while part.process.poll() is None:
            self._check(besides=part)
            time.sleep(TICK_S)
        part.printer.join(GRACE_S)
        if part.process.returncode:
            raise Stopped(f"{name} failed (exit {part.process.returncode}).")
        self._parts.remove(part)

    def until(self, ready: Callable[[], bool], *, what: str, seconds: float = 90) -> None:
        """Wait until `ready` says so. Raises Stopped when asked to stop or when it never does."""
        limit = time.monotonic() + seconds
        while not ready():
            self._check()
            if time.monotonic() > limit:
                raise Stopped(f"{what} did not come up within {seconds:g} s.")
            time.sleep(TICK_S)

    def _check(self, besides: Part | None = None) -> None:
        if self._asked:
            name = signal.Signals(self._asked[0]).name
            raise Stopped(f"Stopped by {name}.", asked=True)
        if self._terminal.poll(0):
            raise Stopped("Stopped because the terminal was closed.", asked=True)
        for part in self._parts:
            if part is not besides and part.process.poll() is not None:
                raise Stopped(f"{part.name} ended (exit {part.process.returncode}).")

    def stop(self, *names: str) -> None:
        """End the named parts, or all, last started first. Takes GRACE_S per part at most."""
        for part in reversed(self._parts.copy()):
            if not names or part.name in names:
                self._end(part)
                self._parts.remove(part)

    def _end(self, part: Part) -> None:
        asked_before = len(self._asked)
        if part.process.poll() is None:
            part.process.terminate()
        until = time.monotonic() + GRACE_S
        while part.process.poll() is None and time.monotonic() < until:
            if len(self._asked) > max(asked_before, 1):
                break
            time.sleep(TICK_S)
        with suppress(ProcessLookupError):
            os.killpg(part.process.pid, signal.SIGKILL)  # also what the part left behind
        part.process.wait()
        part.printer.join(GRACE_S)
