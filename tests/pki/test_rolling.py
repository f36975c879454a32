"""CAs of ours are followed while what they issue still lasts, each by one other."""

from datetime import timedelta

import pytest
import time_machine

from apps.core.actor import system
from apps.core.errors import Conflict
from apps.keys.models import StoredKey
from apps.pki import rolling, selectors, services
from apps.pki.models import Authority, RevocationReason
from apps.pki.rolling import Obstacle
from apps.pki.services.rolling import name_of_successor
from tests.factories import trust
from tests.factories.trust import Purpose
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import check_sub_ca_path
from v2g.pki.profiles import CONTRACT_LEAF, LEAVES, Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

ACTOR = system("tests")


def _ecosystem() -> trust.Ecosystem:
    return trust.v2g_ecosystem(purposes=[Purpose.MO])


def test_a_sub_ca_is_followed_while_its_leaves_still_last() -> None:
    old = _ecosystem().sub2[Purpose.MO]
    due = old.not_after - CONTRACT_LEAF.max_validity - rolling.MARGIN
    with time_machine.travel(due - timedelta(days=1), tick=False):
        assert services.roll_authorities(actor=ACTOR, now=trust.now()) == []
    with time_machine.travel(due + timedelta(days=1), tick=False):
        now = trust.now()
        (new,) = services.roll_authorities(actor=ACTOR, now=now)
        assert services.roll_authorities(actor=ACTOR, now=now) == []
        assert selectors.authority_for(purpose=Purpose.MO, at=now) == new
    assert new.name == f"{old.name} G2"
    assert new.not_after > old.not_after + timedelta(days=365)
    assert new.not_before == now - timedelta(hours=1)
    old.refresh_from_db()
    assert old.active


def test_the_successor_leads_to_the_same_root() -> None:
    ecosystem = _ecosystem()
    old = ecosystem.sub2[Purpose.MO]
    with time_machine.travel(old.not_after - timedelta(days=100), tick=False):
        (new,) = services.roll_authorities(actor=ACTOR, now=trust.now())
    anchors = Anchors([Anchor(ecosystem.root.certificate, RootKind.V2G)])
    path = check_sub_ca_path(
        selectors.path_of(new)[:-1],
        anchors,
        profile=LEAVES[Branch.MO],
        version=IsoVersion.ISO_2,
    )
    assert path.root.certificate == ecosystem.root.certificate
    assert new.key_id != old.key_id
    assert new.certificate.subject.values("O") == old.certificate.subject.values("O")


def test_those_above_are_followed_first_and_sign_for_those_below() -> None:
    ecosystem = _ecosystem()
    sub1, sub2 = ecosystem.sub1[Purpose.MO], ecosystem.sub2[Purpose.MO]
    Authority.objects.filter(pk=sub2.pk).update(not_after=sub1.not_after)
    with time_machine.travel(sub1.not_after - timedelta(days=700), tick=False):
        now = trust.now()
        assert [due.obstacle for due in rolling.due(now=now)] == [None, Obstacle.PARENT_ENDS]
        (newer1,) = services.roll_authorities(actor=ACTOR, now=now)
        (newer2,) = services.roll_authorities(actor=ACTOR, now=now)
        assert rolling.due(now=now) == []
    assert (newer1.level, newer1.parent) == (1, ecosystem.root)
    assert (newer2.level, newer2.parent) == (2, newer1)


@pytest.mark.parametrize("why", ["key", "revoked"])
def test_below_a_ca_that_does_not_sign_here_it_is_for_the_operator(why: str) -> None:
    ecosystem = _ecosystem()
    sub1, sub2 = ecosystem.sub1[Purpose.MO], ecosystem.sub2[Purpose.MO]
    if why == "key":
        StoredKey.objects.filter(pk=sub1.key_id).update(backend="elsewhere")
    else:
        services.revoke(
            actor=trust.operator_person(),
            certificates=ecosystem.root.issued.all(),
            reason=RevocationReason.SUPERSEDED,
        )
    with time_machine.travel(sub2.not_after - timedelta(days=100), tick=False):
        now = trust.now()
        assert services.roll_authorities(actor=ACTOR, now=now) == []
        due = {one.authority: one.obstacle for one in rolling.due(now=now)}
    assert due[sub2] is Obstacle.KEY_ELSEWHERE


def test_a_root_is_never_followed_by_itself() -> None:
    root = _ecosystem().root
    with time_machine.travel(root.not_after - timedelta(days=365), tick=False):
        (due,) = rolling.due(now=trust.now())
        assert (due.authority, due.obstacle) == (root, Obstacle.ROOT)
        assert services.roll_authorities(actor=ACTOR, now=trust.now()) == []


def test_another_generation_of_iso_15118_or_another_root_is_no_successor() -> None:
    old = _ecosystem().sub2[Purpose.MO]
    with time_machine.travel(old.not_after - timedelta(days=300), tick=False):
        trust.v2g_ecosystem(purposes=[Purpose.MO])
        trust.v2g_ecosystem(purposes=[Purpose.MO], version=IsoVersion.ISO_20)
        assert [due.authority for due in rolling.due(now=trust.now())] == [old]


def test_of_two_that_follow_one_is_kept() -> None:
    ecosystem = _ecosystem()
    old = ecosystem.sub2[Purpose.MO]
    with time_machine.travel(old.not_after - timedelta(days=300), tick=False):
        services.roll_authorities(actor=ACTOR, now=trust.now())
        with pytest.raises(Conflict) as refused:
            services.create_authority(
                actor=ACTOR,
                name="Too late",
                purpose=Purpose.MO,
                parent=ecosystem.sub1[Purpose.MO],
                follows=old,
            )
    assert refused.value.code == "followed"
    assert not Authority.objects.filter(name="Too late").exists()


@pytest.mark.parametrize(
    ("name", "next_name"),
    [
        ("MO Sub2", "MO Sub2 G2"),
        ("MO Sub2 G2", "MO Sub2 G3"),
        ("MO Sub2 G99", "MO Sub2 G100"),
        ("x" * 64, "x" * 61 + " G2"),
    ],
)
def test_names_count_the_generations(name: str, next_name: str) -> None:
    assert name_of_successor(name) == next_name
