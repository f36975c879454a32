"""What every test shares: which tests run on which database."""

import pytest
from django.db import connection

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that touch the database (the second pass, on PostgreSQL)",
    )


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


def _touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("stack"):
        return True
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a pass is not for: `postgres` tests on SQLite, plain ones on PostgreSQL."""
    only = config.getoption("--database-only")
    postgres = connection.vendor == "postgresql"
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        wanted = _touches_database(item) if only else True
        wanted = wanted and (postgres or item.get_closest_marker("postgres") is None)
        (kept if wanted else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept
