"""Revocation of our own certificates."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import system
from apps.pki import services, signals
from apps.pki.models import IssuedCertificate, RevocationReason
from tests.factories import pki, trust
from tests.factories.trust import Purpose
from v2g.pki.profiles import CPS_LEAF

pytestmark = pytest.mark.django_db

ACTOR = system("tests")


@pytest.fixture
def issued() -> list[IssuedCertificate]:
    authority = trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]
    begins = trust.now()
    orders = [
        services.Order(
            profile=CPS_LEAF,
            common_name=f"CPS {number}",
            public_key=pki.make_key(f"cps {number}").public_key(),
            not_before=begins,
            not_after=begins + timedelta(days=90),
        )
        for number in range(3)
    ]
    return services.issue_many(actor=ACTOR, authority=authority, orders=orders)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    received: list[dict[str, Any]] = []

    def receive(**said: Any) -> None:
        received.append(said)

    signals.revoked.connect(receive)
    yield received
    signals.revoked.disconnect(receive)


def revoke(certificates: list[IssuedCertificate]) -> list[IssuedCertificate]:
    return services.revoke(
        actor=ACTOR, certificates=certificates, reason=RevocationReason.KEY_COMPROMISE
    )


def test_a_revoked_certificate_keeps_its_reason_and_time(
    issued: list[IssuedCertificate],
) -> None:
    revoke(issued[:1])
    row = IssuedCertificate.objects.get(pk=issued[0].pk)
    assert (row.state, row.reason) == ("revoked", "keyCompromise")
    assert row.revoked_at
    never = IssuedCertificate.objects.never_good_again()
    assert list(never) == [row]
    assert AuditEvent.objects.get(action="pki.revoke").reason == "keyCompromise"


def test_the_apps_above_are_told_once_and_only_of_what_changed(
    issued: list[IssuedCertificate], told: list[dict[str, Any]]
) -> None:
    revoke(issued[:1])
    assert revoke(issued[:2]) == issued[1:2]
    assert revoke(issued[:2]) == []
    assert [said["certificates"] for said in told] == [[issued[0].pk], [issued[1].pk]]
    assert told[0]["fingerprints"] == [bytes(issued[0].fingerprint or b"")]
    assert AuditEvent.objects.filter(action="pki.revoke").count() == 2


def test_a_receiver_that_fails_undoes_the_revocation(issued: list[IssuedCertificate]) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the pool cannot follow")

    signals.revoked.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            revoke(issued)
    finally:
        signals.revoked.disconnect(fail)
    assert not IssuedCertificate.objects.never_good_again().exists()
