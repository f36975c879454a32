"""What every test shares: which tests run on which database."""

import gc
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from hypothesis import settings
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "server"}
"""`server` is the running stack, which uses the database of the pass."""
ONE_STACK = ("tests/flows/", "tests/browser/")

# How long an example takes says something about the machine, not about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that touch the database (the second pass, on PostgreSQL)",
    )


@pytest.fixture(autouse=True, scope="session")
def connections_stay_open() -> None:
    """A request made in this process would close the connection that holds a test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests that commit are cleaned up by emptying all tables: the audit trail's let them."""
    from tests.audit.tampering import let_tables_be_emptied
    from tests.factories import emptying

    with django_db_blocker.unblock():
        let_tables_be_emptied()
        emptying.instead_of_the_flush()


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Empty what a process keeps: a token key would outlive its rolled-back row."""
    from django.core.cache import cache

    from apps.participants import records, tokens
    from apps.pki import kept

    cache.clear()
    kept.forget_all()
    records.forget_all()
    tokens.forget_keys()


class OneStack(LoadScopeScheduling):  # type: ignore[misc]  # untyped library
    """One worker runs all of a folder that shares one running stack."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in ONE_STACK if nodeid.startswith(folder)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStack:
    return OneStack(config, log)


def _touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db"):
        return True
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


def _needs_every_database(item: pytest.Item) -> bool:
    return _touches_database(item) and item.get_closest_marker("one_database") is None


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the process: modules and tests."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a pass is not for: `postgres` tests on SQLite, plain ones on PostgreSQL."""
    only = config.getoption("--database-only")
    postgres = connection.vendor == "postgresql"
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        wanted = _needs_every_database(item) if only else True
        wanted = wanted and (postgres or item.get_closest_marker("postgres") is None)
        (kept if wanted else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
