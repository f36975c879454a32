"""The whole stack as `make run` starts it, for tests that play whole processes."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from psycopg import connect
from psycopg.sql import SQL, Identifier

from apps.demo.lifecycle.server import Server
from tests.demo.processes import MARK, mark


def new_database() -> dict[str, str]:
    """The DATABASE_URL of an empty database: SQLite in the folder, or one of this pass's own."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return {}
    name = f"flow_{mark()}"
    with connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}


def stack(folder: Path, **environment: str) -> Server:
    """A server that was not started yet, its processes marked with the folder's name.

    Its database is SQLite in the folder unless one is given.
    """
    made = Server(folder=folder, environment={MARK: folder.name, **environment})
    if "DATABASE_URL" not in environment:
        made.environment.pop("DATABASE_URL", None)
    return made


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One running stack for all tests that only talk to it."""
    with (
        tempfile.TemporaryDirectory(prefix="plugpool-flow-") as folder,
        stack(Path(folder), **new_database()) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def ecosystem(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.ecosystem_file.read_bytes())
    return found


@pytest.fixture
def http(ecosystem: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ecosystem["base_url"], timeout=30, trust_env=False) as client:
        yield client
