"""CPS signers are followed ahead of their end, by one other, unless people must decide."""

from datetime import timedelta

import pytest
import time_machine

from apps.core.actor import system
from apps.core.errors import Conflict
from apps.pki import services as pki
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.provisioning_service import rolling, selectors, services
from apps.provisioning_service.models import Signer
from apps.provisioning_service.rolling import Obstacle
from apps.root_pool import services as rcp
from tests.factories import contracts, trust

pytestmark = pytest.mark.django_db

ACTOR = system("tests")
Purpose = contracts.Purpose


def _signer(days: int = 200) -> tuple[trust.Ecosystem, Signer]:
    made = trust.v2g_ecosystem(purposes=(Purpose.CPS,))
    return made, contracts.signer(made, not_after=trust.now() + timedelta(days=days))


def test_a_signer_is_followed_ahead_of_its_end() -> None:
    made, old = _signer()
    with time_machine.travel(old.not_after - timedelta(days=121), tick=False):
        assert services.roll_signers(actor=ACTOR, now=trust.now()) == []
    with time_machine.travel(old.not_after - timedelta(days=119), tick=False):
        (new,) = services.roll_signers(actor=ACTOR, now=trust.now())
        assert services.roll_signers(actor=ACTOR, now=trust.now()) == []
        (ready,) = selectors.ready(at=trust.now())
    assert ready.path.leaf.fingerprint == bytes(new.fingerprint)
    assert new.certificate.common_name == old.certificate.common_name
    assert (new.root, new.key_id == old.key_id) == (made.root_row, False)
    old.refresh_from_db()
    assert (old.active, old.certificate.state) == (True, IssuedCertificate.State.ISSUED)


def test_of_two_that_follow_one_is_kept() -> None:
    made, old = _signer(30)
    services.roll_signers(actor=ACTOR, now=trust.now())
    with pytest.raises(Conflict) as refused:
        contracts.signer(made, follows=old)
    assert refused.value.code == "followed"
    assert Signer.objects.count() == 2


def test_a_chain_that_ends_gets_a_new_ca_first() -> None:
    made = trust.v2g_ecosystem(purposes=(Purpose.CPS,))
    with time_machine.travel(made.sub2[Purpose.CPS].not_after - timedelta(days=100), tick=False):
        now = trust.now()
        old = contracts.signer(made)
        (due,) = rolling.due(now=now)
        assert due.obstacle is Obstacle.AUTHORITY_ENDS
        assert services.roll_signers(actor=ACTOR, now=now) == []
        pki.roll_authorities(actor=ACTOR, now=now)
        (new,) = services.roll_signers(actor=ACTOR, now=now)
    assert new.not_after > old.not_after + timedelta(days=365)


def test_after_a_revocation_people_decide() -> None:
    _, old = _signer()
    pki.revoke(
        actor=trust.operator_person(),
        certificates=[old.certificate],
        reason=RevocationReason.KEY_COMPROMISE,
    )
    (due,) = rolling.due(now=trust.now())
    assert due.obstacle is Obstacle.REVOKED
    assert services.roll_signers(actor=ACTOR, now=trust.now()) == []


def test_without_an_authority_it_is_for_the_operator() -> None:
    made, _ = _signer(30)
    Authority.objects.filter(pk=made.sub2[Purpose.CPS].pk).update(active=False)
    (due,) = rolling.due(now=trust.now())
    assert due.obstacle is Obstacle.NO_AUTHORITY
    assert services.roll_signers(actor=ACTOR, now=trust.now()) == []


def test_a_removed_root_needs_no_signer() -> None:
    made, _ = _signer(30)
    rcp.ask_removal(actor=trust.operator_person(), root=made.root_row)
    rcp.confirm_removal(actor=trust.operator_person(), root=made.root_row)
    assert rolling.due(now=trust.now()) == []
