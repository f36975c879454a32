"""What must be true before anything is started: folders, the port, the database, the demo."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
                " Is something else running there? PORT=8001 make run takes another port."
            ) from error


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
