"""An MO that concludes in a browser: its ecosystem, its people, the steps they go."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.actor import Actor, Right
from apps.mo.models import ConclusionDraft
from apps.participants import selectors as participants
from apps.participants.models import User
from tests.factories import contracts, parties
from tests.factories.calls import forget_processes

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    forget_processes()
    yield
    forget_processes()


@dataclass
class Person:
    """A member of the MO with a browser of their own."""

    world: contracts.World
    user: User
    client: Client = field(default_factory=Client)

    @property
    def actor(self) -> Actor:
        return participants.actor_of_member(user=self.user, organization=self.world.mo.organization)

    @property
    def draft(self) -> ConclusionDraft:
        """The one draft of the test."""
        return ConclusionDraft.objects.get()

    def log_in(self) -> "Person":
        self.client.force_login(self.user, backend=BACKEND)
        return self

    def begin(self) -> str:
        """Open the workflow; returns where the draft's pages are."""
        answer = self.client.get("/conclude/")
        assert answer.status_code == 302
        found = re.fullmatch(r"(/conclude/[0-9a-f-]{36}/)vehicle/", answer.headers["Location"])
        assert found is not None
        return found[1]

    def post(self, address: str, **typed: Any) -> Any:
        return self.client.post(address, typed)

    def fill(self, **changes: str) -> str:
        """Go through all steps up to the last one; returns where the draft's pages are."""
        at = self.begin()
        self._step(
            at, "vehicle", "customer", pcid=changes.get("pcid", str(self.world.vehicle.pcid))
        )
        emaid = changes.get("emaid", str(self.world.emaid))
        self._step(at, "customer", "term", emaid=emaid)
        self._step(at, "term", "confirm", **term(), root=changes.get("root", ""))
        return at

    def conclude(self, **changes: str) -> str:
        """Fill in and order; no worker has run yet."""
        at = self.fill(**changes)
        self._step(at, "confirm", "progress", confirmed="on")
        return at

    def _step(self, at: str, step: str, following: str, **typed: str) -> None:
        answer = self.post(f"{at}{step}/", **typed)
        assert answer.status_code == 302, answer.content.decode()
        assert answer.headers["Location"] == f"{at}{following}/"


def term(days: int = 300) -> dict[str, str]:
    """What the step Term asks for."""
    today = timezone.localdate()
    ends = today + timedelta(days=days)
    return {"begins": today.isoformat(), "ends": ends.isoformat(), "source": "ca"}


@pytest.fixture
def world(db: None) -> contracts.World:
    """A V2G ecosystem, an MO, a published vehicle."""
    return contracts.world()


@pytest.fixture
def person(world: contracts.World) -> Person:
    """An editor of the MO, logged in."""
    return Person(world, parties.member(organization=world.mo.organization)).log_in()


@pytest.fixture
def another(world: contracts.World) -> Callable[..., Person]:
    """Make other people: of the same MO, of another one, of any organisation."""

    def made(organization: Any = None, right: Right = Right.EDITOR) -> Person:
        of = organization or world.mo.organization
        return Person(world, parties.member(organization=of, right=right)).log_in()

    return made
