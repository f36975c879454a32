"""An empty database beside the one of the tests, to restore into."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def other_database(transactional_db: None) -> Iterator[None]:
    """Let `other()` point the connection at an empty database; afterwards at ours again."""
    ours = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS " + connection.ops.quote_name(f"{ours}_other"))
        cursor.execute("CREATE DATABASE " + connection.ops.quote_name(f"{ours}_other"))
    yield
    point_at(ours)
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE " + connection.ops.quote_name(f"{ours}_other"))


def point_at(name: str) -> None:
    """Connect to another database of the same server from now on."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone
    connection.settings_dict["NAME"] = name


def move_to_the_other() -> None:
    """Leave the database of the tests for the empty one."""
    point_at(f"{connection.settings_dict['NAME']}_other")
