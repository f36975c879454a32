"""What load balancers ask."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from redis.exceptions import ConnectionError as NoRedis


def test_a_process_is_alive_without_its_database(client: Client) -> None:
    assert client.get("/livez").status_code == 200


@pytest.mark.django_db
def test_it_is_ready_when_database_and_cache_answer(client: Client) -> None:
    assert client.get("/readyz/web").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "name", "error"),
    [(connection, "cursor", DatabaseError), (cache, "get", NoRedis)],
    ids=["database", "cache"],
)
def test_it_is_not_ready_without(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    part: object,
    name: str,
    error: type[Exception],
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(part, name, fail)
    assert client.get("/readyz/web").status_code == 503
