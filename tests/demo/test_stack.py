"""The process manager of `make run`, with small parts of its own."""

import io
import os
import pty
import signal
import subprocess
import sys

import pytest

from apps.demo.local.stack import Stack, Stopped
from tests.demo import processes

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
WITH_A_CHILD = [
    sys.executable,
    "-c",
    f"import subprocess, time; subprocess.Popen({SLEEPER!r}); time.sleep(60)",
]
SUPERVISOR = f"""
import sys
from apps.demo.local.stack import Stack, Stopped
with Stack(out=sys.stdout) as stack:
    stack.start("first", {WITH_A_CHILD!r})
    stack.start("second", {SLEEPER!r})
    print("started", flush=True)
    try:
        stack.wait()
    except Stopped as stopped:
        print(stopped, flush=True)
"""


@pytest.fixture
def supervised() -> "tuple[subprocess.Popen[str], str]":
    value = processes.mark()
    process = processes.python("-c", SUPERVISOR, value=value)
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    return process, value


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_supervisor_leaves_no_process_behind(
    supervised: tuple[subprocess.Popen[str], str], number: signal.Signals
) -> None:
    process, value = supervised
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)
    assert f"Stopped by {number.name}." in output
    assert processes.gone(value, within=5) == []


def test_parts_end_even_when_the_supervisor_is_killed() -> None:
    value = processes.mark()
    script = SUPERVISOR.replace(repr(WITH_A_CHILD), repr(SLEEPER))
    process = processes.python("-c", script, value=value)
    assert process.stdout
    process.stdout.readline()
    assert processes.there(value, 3, within=5) == 3
    process.kill()
    process.communicate(timeout=20)
    assert processes.gone(value, within=10) == []


def test_a_terminal_that_is_closed_stops_everything() -> None:
    value = processes.mark()
    master, slave = pty.openpty()
    process = processes.python("-c", SUPERVISOR, value=value, stdout=slave)
    os.close(slave)
    assert b"started" in os.read(master, 100)
    os.close(master)
    process.wait(timeout=20)
    assert processes.gone(value, within=5) == []


def test_when_one_part_ends_the_stack_stops() -> None:
    with Stack(out=io.StringIO()) as stack:
        stack.start("sleeper", SLEEPER)
        stack.start("short", [sys.executable, "-c", "raise SystemExit(3)"])
        with pytest.raises(Stopped, match=r"short ended \(exit 3\)"):
            stack.wait()


def test_a_part_that_is_meant_to_end_is_waited_for_and_forgotten() -> None:
    out = io.StringIO()
    with Stack(out=out) as stack:
        stack.start("demo", [sys.executable, "-c", "print('built')"])
        stack.finish("demo")
        stack.start("demo", [sys.executable, "-c", "raise SystemExit(1)"])
        with pytest.raises(Stopped, match=r"demo failed \(exit 1\)"):
            stack.finish("demo")
    assert out.getvalue() == "demo   | built\n"


def test_parts_are_stopped_in_the_reverse_order_of_their_start() -> None:
    told = "import signal, sys, time\n"
    told += "def leave(*_): print('leaving', flush=True); sys.exit()\n"
    told += "signal.signal(signal.SIGTERM, leave); print('here', flush=True); time.sleep(60)"
    out = io.StringIO()
    with Stack(out=out) as stack:
        for name in ("broker", "worker"):
            stack.start(name, [sys.executable, "-c", told])
        stack.until(lambda: out.getvalue().count("here") == 2, what="Both")
    leaving = [line for line in out.getvalue().splitlines() if "leaving" in line]
    assert leaving == ["worker | leaving", "broker | leaving"]


def test_what_does_not_come_up_is_given_up() -> None:
    with Stack(out=io.StringIO()) as stack, pytest.raises(Stopped, match="Valkey did not come up"):
        stack.until(lambda: False, what="Valkey", seconds=0.1)
