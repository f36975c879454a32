"""People with a password, where second factors are required."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.core.actor import Right, Role
from apps.participants.models import User
from tests.factories import parties
from tests.portal.world import PASSWORD

LogIn = Callable[[User], Any]


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR = "required"


@pytest.fixture
def person(db: None) -> User:
    """An editor of a car maker."""
    maker = parties.organization(name="Alpha Motors", roles=[Role.OEM])
    return parties.member(
        organization=maker, email="a@alpha.example", password=PASSWORD, right=Right.EDITOR
    )


@pytest.fixture
def operator(db: None) -> User:
    """A person of the operator."""
    runs_it = parties.organization(name="Plugpool operator", roles=[Role.OPERATOR])
    return parties.member(
        organization=runs_it, email="o@operator.example", password=PASSWORD, right=Right.ADMIN
    )


@pytest.fixture
def log_in(client: Client) -> LogIn:
    """Give e-mail and password."""

    def given(user: User, address: str = "/login/") -> Any:
        return client.post(address, {"username": user.email, "password": PASSWORD})

    return given
