"""What ends is told 90, 30 and 7 days ahead, each once, to whoever can do something about it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.contract_pool.models import Contract
from apps.core.actor import system
from apps.events.models import OutboxEvent
from apps.participants.models import Organization
from apps.pki import services as pki
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from apps.provisioning_service import services
from apps.provisioning_service.models import ExpiryMark
from apps.provisioning_service.services import warning
from apps.root_pool.models import RootCertificate
from tests.events.test_payloads import VALIDATORS
from tests.factories import contracts, parties, trust
from tests.factories import pki as foreign
from v2g.pki.profiles import CPS_LEAF

pytestmark = pytest.mark.django_db

ACTOR = system("tests")
Purpose = contracts.Purpose


def _issue(
    sub2: Authority, days: int, *, owner: Organization | None = None, name: str = "CPS"
) -> IssuedCertificate:
    now = trust.now()
    return pki.issue(
        actor=ACTOR,
        authority=sub2,
        profile=CPS_LEAF,
        common_name=name,
        public_key=foreign.make_key(name).public_key(),
        not_before=now,
        not_after=now + timedelta(days=days),
        owner=owner,
    )


def _end(name: str, at: datetime) -> None:
    """Let a certificate end then, after a year."""
    rows = IssuedCertificate.objects.filter(common_name=name)
    rows.update(not_before=at - timedelta(days=365), not_after=at)


def _sub2() -> Authority:
    return trust.v2g_ecosystem(purposes=(Purpose.CPS,)).sub2[Purpose.CPS]


def _told(**of: Any) -> list[tuple[str, int]]:
    events = OutboxEvent.objects.filter(kind="certificate.expiring", **of).order_by("pk")
    return [(event.payload["commonName"], event.payload["daysLeft"]) for event in events]


def _warn(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return services.warn_of_ends(now=at)


def test_an_owner_is_warned_three_times_each_once() -> None:
    owner = parties.organization()
    row = _issue(_sub2(), 200, owner=owner)
    for days in (100, 91, 89, 88, 45, 29, 28, 8, 6, 1):
        _warn(row.not_after - timedelta(days=days))
    assert _told(organization=owner) == [("CPS", 90), ("CPS", 30), ("CPS", 7)]
    payload = OutboxEvent.objects.filter(kind="certificate.expiring")[0].payload
    assert payload["fingerprintSHA256"] == row.certificate.fingerprint.hex()
    schema = VALIDATORS["certificate_event"].schema["properties"]["payload"]
    assert set(payload) <= set(schema["properties"])


def test_of_what_nobody_owns_the_operator_is_told() -> None:
    row = _issue(_sub2(), 200)
    _warn(row.not_after - timedelta(days=29))
    assert _told(organization=trust.operator()) == [("CPS", 30)]


def test_at_the_first_look_only_the_most_urgent_warning_is_told() -> None:
    sub2 = _sub2()
    for days, name in ((95, "far"), (50, "soon"), (20, "sooner"), (3, "now")):
        _issue(sub2, 400, name=name)
        _end(name, trust.now() + timedelta(days=days))
    _warn(trust.now())
    assert sorted(_told()) == [("now", 7), ("soon", 90), ("sooner", 30)]


def test_what_is_followed_revoked_or_short_lived_is_not_warned_of() -> None:
    sub2 = _sub2()
    _issue(sub2, 200, name="followed")
    _issue(sub2, 300, name="followed")
    revoked = _issue(sub2, 200, name="revoked")
    pki.revoke(actor=ACTOR, certificates=[revoked], reason=RevocationReason.CESSATION)
    _issue(sub2, 120, name="short")
    _warn(trust.now() + timedelta(days=40))
    assert _told() == []
    _warn(trust.now() + timedelta(days=115))
    assert _told() == [("short", 7)]


def test_a_ca_that_another_follows_is_not_warned_of() -> None:
    old = _sub2()
    with time_machine.travel(old.not_after - timedelta(days=100), tick=False):
        pki.roll_authorities(actor=ACTOR, now=trust.now())
    _warn(old.not_after - timedelta(days=89))
    assert old.name not in [name for name, _ in _told()]


def test_roots_are_told_to_the_operator() -> None:
    made = trust.v2g_ecosystem(purposes=())
    RootCertificate.objects.update(not_after=trust.now() + timedelta(days=6))
    _warn(trust.now())
    assert _told(organization=trust.operator()) == [(made.root_row.common_name, 7)]


def test_contracts_that_are_renewed_here_are_warned_of_only_where_that_failed() -> None:
    world = contracts.world()
    world.generate(ends=trust.now() + timedelta(days=1100))
    end = Contract.objects.get().successor_by
    assert end is not None
    _warn(end - timedelta(days=89))
    assert _told(organization=world.mo.organization) == []
    with time_machine.travel(end - timedelta(days=40), tick=False):
        services.plan_renewals(now=trust.now())
    _warn(end - timedelta(days=29))
    assert _told(organization=world.mo.organization) == [(str(world.emaid), 30)]


def test_more_than_a_batch_is_told_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warning, "BATCH", 2)
    sub2 = _sub2()
    same_end = trust.now() + timedelta(days=20)
    for number in range(5):
        _issue(sub2, 400, name=f"one {number}")
        _end(f"one {number}", same_end)
    assert _warn(trust.now()) == 5
    assert _warn(trust.now()) == 0
    assert sorted(_told()) == [(f"one {number}", 30) for number in range(5)]


def test_a_warning_that_cannot_be_written_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    row = _issue(_sub2(), 200)

    def broken(**named: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(warning, "emit_many", broken)
        with pytest.raises(RuntimeError):
            _warn(row.not_after - timedelta(days=29))
    assert not ExpiryMark.objects.filter(kind="issued").exists()
    _warn(row.not_after - timedelta(days=28))
    assert _told() == [("CPS", 30)]
