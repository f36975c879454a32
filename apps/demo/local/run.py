"""Starting everything on this machine, in order, and stopping it again."""

import http.client
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import connections

from apps.demo import state
from apps.demo.guard import require_sandbox
from apps.demo.local import preparation
from apps.demo.local.stack import Stack, Stopped

PYTHON = sys.executable
AS_ROOT = "ignore:You're running the worker with superuser"  # a container's user often is root
CELERY = [PYTHON, "-W", AS_ROOT, "-m", "celery", "--app", "config", "--quiet"]
WORKER = [*CELERY, "worker", "--concurrency", "2", "--loglevel", "WARNING"]
WORKER += ["--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat", "--loglevel", "WARNING", "--pidfile="]


def run(*, out: TextIO) -> int:
    """Run the stack until it is asked to stop. Returns the exit status."""
    require_sandbox()
    os.umask(0o077)  # whatever is written below VAR_DIR is its owner's alone
    with preparation.alone():
        preparation.require_free_port()
        out.write(
            "Plugpool starts; the first time it builds a demo, which takes about a minute ...\n"
        )
        out.flush()
        to_build = preparation.database()
        preparation.require_same_address()
        connections.close_all()
        try:
            with Stack(out=out) as stack:
                _start(stack, out=out, to_build=to_build)
                stack.wait()
        except Stopped as stopped:
            with suppress(OSError):  # the terminal may be gone
                out.write(f"{stopped} Nothing is left running.\n")
                out.flush()
            return 0 if stopped.asked else 1
    return 0


def _start(stack: Stack, *, out: TextIO, to_build: bool) -> None:
    folder = Path(settings.VAR_DIR) / "run" / "valkey"
    valkey = [PYTHON, "-m", "apps.demo.local.valkey", str(settings.VALKEY_SOCKET), str(folder)]
    stack.start("valkey", valkey)
    stack.until(_valkey_answers, what="Valkey")
    if to_build:
        _build(stack)
    stack.start("web", _web("config.wsgi:application"))
    stack.start("worker", WORKER)
    stack.start("beat", BEAT)
    stack.until(lambda: _status() == 200, what="The web server")
    out.write(_welcome())
    out.flush()


def _build(stack: Stack) -> None:
    state.begin()
    stack.start("web", _web("apps.demo.local.under_construction:application"))
    stack.until(lambda: _status() == 503, what="The web server")
    stack.start("demo", [PYTHON, "-u", "manage.py", "build_demo"])
    stack.finish("demo")
    stack.stop("web")


def _web(application: str) -> list[str]:
    granian = [PYTHON, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "2"]
    where = ["--host", settings.HOST, "--port", str(settings.PORT)]
    limits = ["--blocking-threads", "16", "--backpressure", "64", "--workers-kill-timeout", "5"]
    return [*granian, *where, *limits, "--log-level", "error", application]


def _valkey_answers() -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(settings.VALKEY_SOCKET))
            probe.sendall(b"PING\r\n")
            return probe.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _status() -> int:
    """The HTTP status of the liveness page; 599 while nothing answers."""
    host = "127.0.0.1" if settings.HOST == "0.0.0.0" else settings.HOST  # noqa: S104  compared
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 599
    finally:
        connection.close()


def _welcome() -> str:
    lines = ["", f"Plugpool runs on {settings.PUBLIC_URL}", ""]
    if state.complete():
        ecosystem = state.read()
        for organization in ecosystem["organizations"]:
            for user in organization["users"]:
                roles = "+".join(organization["roles"])
                name = f"{organization['name']} ({roles}), {user['right']}"
                lines.append(f"  {name:<48} {user['username']:<34} {user['password']}")
        lines += ["", f"  API clients and vehicles: {state.ecosystem_file()}"]
    return "\n".join([*lines, "  Ctrl-C stops everything.", ""]) + "\n"
