"""A worker dies while it makes contract data: whatever it left is found and settled."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from apps.contract_pool import services as pool
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import system
from apps.core.errors import DomainError
from apps.pki import services as pki
from apps.pki import tasks
from apps.pki.models import Authority, IssuedCertificate, PublishedCrl, Responder
from apps.pki.services import issuance
from apps.provisioning_service.models import Signer
from apps.provisioning_service.services import generating
from apps.root_pool import services as roots
from apps.root_pool.models import TrustListSigner
from tests.factories import contracts, trust
from tests.pki.enrolment import NAMES, certificates_in, csr, party_for
from v2g.pki import builder

pytestmark = pytest.mark.django_db(transaction=True)

Kill = Callable[[Any, str], None]
LATER = timedelta(minutes=6)


class Killed(BaseException):
    """Stands for the end of the process: nothing after it runs."""


@pytest.fixture
def world() -> contracts.World:
    return contracts.world()


@pytest.fixture
def die_before(monkeypatch: pytest.MonkeyPatch) -> Kill:
    """Let the process end where it would call a function; it does not tidy up behind itself."""

    def arrange(module: Any, name: str) -> None:
        def die(*_: Any, **__: Any) -> NoReturn:
            raise Killed

        monkeypatch.setattr(generating, "_give_up", lambda *_: None)
        monkeypatch.setattr(module, name, die)

    return arrange


def certificate() -> IssuedCertificate:
    return IssuedCertificate.objects.filter(profile="contract").latest("pk")


def sweep() -> IssuedCertificate:
    settle()
    return certificate()


def settle() -> None:
    with time_machine.travel(trust.now() + LATER, tick=False):
        tasks.settle_intents()


@pytest.mark.parametrize(
    ("module", "name", "left", "settled"),
    [
        (builder, "sign", "intended", "abandoned"),
        (issuance, "_store", "intended", "abandoned"),
        (pool, "conclude_many", "issued", "revoked"),
    ],
)
def test_what_a_dead_worker_left_is_settled_after_five_minutes(
    world: contracts.World, die_before: Kill, module: Any, name: str, left: str, settled: str
) -> None:
    die_before(module, name)
    with pytest.raises(Killed):
        world.generate()
    assert not ContractData.objects.exists()
    assert certificate().state == left
    tasks.settle_intents()
    assert certificate().state == left
    row = sweep()
    assert (row.state, row.reason) == (settled, "cessationOfOperation")
    authority = Authority.objects.get(pk=row.authority_id)
    crl = PublishedCrl.objects.get(authority=authority)
    assert crl.changes > crl.covered


def test_data_that_is_stored_late_is_refused_once_its_certificate_was_given_up(
    world: contracts.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conclude = pool.conclude_many

    def slow(**given: Any) -> Any:
        sweep()
        return conclude(**given)

    monkeypatch.setattr(pool, "conclude_many", slow)
    with pytest.raises(DomainError) as refused:
        world.generate()
    assert refused.value.code == "revoked"
    assert not Contract.objects.exists()
    assert certificate().state == "revoked"


def test_an_interruption_after_the_data_was_stored_revokes_nothing(
    world: contracts.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conclude = pool.conclude_many

    def interrupted(**given: Any) -> NoReturn:
        conclude(**given)
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "conclude_many", interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.generate()
    assert sweep().state == "issued"
    world.car.accept(world.car.install(contracts.cpo_actor()).exi)


def test_finished_and_enrolled_certificates_are_left(world: contracts.World) -> None:
    world.generate()
    answer = party_for("mo").post("/est/mo/simpleenroll", csr(NAMES["mo"]))
    (enrolled,) = certificates_in(answer)
    assert sweep().certificate == enrolled
    states = IssuedCertificate.objects.filter(profile="contract").values_list("state", flat=True)
    assert list(states) == ["issued", "issued"]


def test_the_command_names_what_was_never_stored(
    world: contracts.World, die_before: Kill, capsys: pytest.CaptureFixture[str]
) -> None:
    die_before(pool, "conclude_many")
    with pytest.raises(Killed):
        world.generate()
    with time_machine.travel(trust.now() + LATER, tick=False):
        call_command("settle_intents")
    named, total = capsys.readouterr().out.splitlines()
    assert f"contract {world.emaid} authority" in named
    assert total == "1 settled, 0 open."


def _roll_responder(world: contracts.World) -> object:
    authority = world.v2g.sub2[contracts.Purpose.MO]
    return pki.roll_responder(actor=system("tests"), authority=authority)


def _roll_trust_list_signer(_: contracts.World) -> object:
    return roots.roll_trust_list_signer(actor=system("tests"))


def _create_signer(world: contracts.World) -> object:
    return contracts.signer(world.v2g)


def _create_authority(world: contracts.World) -> object:
    return pki.create_authority(
        actor=trust.operator_person(),
        name="Another Sub1",
        purpose=contracts.Purpose.MO,
        parent=world.v2g.root,
    )


@pytest.mark.parametrize(
    ("make", "model"),
    [
        (_roll_responder, Responder),
        (_roll_trust_list_signer, TrustListSigner),
        (_create_signer, Signer),
        (_create_authority, Authority),
    ],
)
def test_a_certificate_of_ours_that_was_never_stored_for_its_use_is_revoked(
    world: contracts.World,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[contracts.World], object],
    model: type[Model],
) -> None:
    def die(**_: Any) -> NoReturn:
        raise Killed

    with monkeypatch.context() as arranged:
        arranged.setattr(model._default_manager, "create", die)
        with pytest.raises(Killed):
            make(world)
    left = IssuedCertificate.objects.latest("pk")
    assert left.state == "issued"
    settle()
    left.refresh_from_db()
    assert left.state == "revoked"
    make(world)
    made = IssuedCertificate.objects.latest("pk")
    settle()
    made.refresh_from_db()
    assert made.state == "issued"


@pytest.mark.postgres
def test_a_process_that_is_killed_for_real_leaves_what_the_sweep_revokes(
    world: contracts.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    # Neither process may use the connection of the other, nor one that the pool keeps open.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(pool, "conclude_many", die)
        try:
            world.generate()
        finally:
            os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended)
    assert os.WTERMSIG(ended) == signal.SIGKILL
    assert certificate().state == "issued"
    assert sweep().state == "revoked"
    monkeypatch.undo()
    contract = world.generate()
    assert contract.data.count() == 1
