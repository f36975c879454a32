"""What must be true before anything is started: folders, the port, the demo, the database."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.demo import state
from apps.participants.models import Organization


@contextmanager
def alone() -> Iterator[None]:
    """Hold VAR_DIR for this process. Raises CommandError if another one has it."""
    run = Path(settings.VALKEY_SOCKET).parent
    var = Path(settings.VAR_DIR)
    for folder in (var, var / "run", run, Path(settings.STATIC_ROOT)):
        state.make_folder(folder)
        if folder.stat().st_uid != os.getuid():
            raise CommandError(f"{folder} belongs to somebody else.")
    with (var / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"Plugpool is already running on {settings.VAR_DIR}."
                " Stop it first, or give another VAR_DIR and PORT."
            ) from error
        yield


def require_free_port() -> None:
    """Raise CommandError if HOST:PORT cannot be bound."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise CommandError(
                f"{settings.HOST}:{settings.PORT} cannot be used ({error.strerror})."
                f" Is something else running there? {_elsewhere()}"
            ) from error


def _elsewhere() -> str:
    """How to take the next port: a demo that was built stays where its certificates say it is."""
    port = settings.PORT + 1 if settings.PORT < 65_535 else 8000
    if not state.complete():
        return f"PORT={port} make run takes another port."
    return f"PORT={port} VAR_DIR=var/{port} make run builds another demo on another port."


def require_same_address() -> None:
    """Raise CommandError if the demo was built for an address at which nobody would answer.

    Its certificates name that address for their CRLs and OCSP, and no certificate can be changed:
    elsewhere their status would be unknown, and every upload refused.
    """
    if not state.complete():
        return
    built_for = str(state.read()["base_url"])
    listening = urlsplit(built_for).netloc in settings.HTTP_SANDBOX_TARGETS
    if built_for == settings.PUBLIC_URL or listening:
        return
    port = urlsplit(built_for).port or 80
    raise CommandError(
        f"The demo in {settings.VAR_DIR} was built for {built_for}, which its certificates name:"
        f" start it there (PORT={port} make run), or build another one here"
        f" (PORT={settings.PORT} VAR_DIR=var/{settings.PORT} make run)."
    )


def database() -> bool:
    """Migrate the database; tell whether the demo ecosystem has to be built in it.

    An interrupted build starts over: its files and the local SQLite database go, nothing else
    ever does. A database that holds an ecosystem already is left alone.
    """
    if state.interrupted():
        _forget_local_database()
        state.clear()
    call_command("migrate", verbosity=0, interactive=False)
    if Organization.objects.exists():
        return False
    state.clear()
    return True


def _forget_local_database() -> None:
    path = Path(settings.VAR_DIR) / "plugpool.sqlite3"
    if str(settings.DATABASES["default"]["NAME"]) != str(path):
        raise CommandError(
            "The first start was interrupted while it built the demo ecosystem in a database"
            " of yours. Empty that database and start again."
        )
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
