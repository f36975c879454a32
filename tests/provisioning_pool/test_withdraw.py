"""Vehicles leave the pool."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role, system
from apps.core.errors import Forbidden, NotFound
from apps.provisioning_pool import selectors, services, signals
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.tasks import withdraw_below
from tests.factories import parties, trust
from v2g.ids import Pcid

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[tuple[list[str], str]]]:
    heard: list[tuple[list[str], str]] = []

    def receive(*, pcids: list[str], reason: str, **_: Any) -> None:
        heard.append((pcids, reason))

    signals.withdrawn.connect(receive)
    yield heard
    signals.withdrawn.disconnect(receive)


def test_the_owner_withdraws_a_vehicle(told: list[tuple[list[str], str]]) -> None:
    vehicle, decoy = trust.published_vehicle(), trust.published_vehicle(pcid_text=trust.pcid("WDD"))
    services.withdraw(actor=trust.oem_actor(vehicle.owner), pcid=vehicle.pcid)
    assert list(ProvisioningCertificate.objects.all()) == [decoy.row]
    assert selectors.current(vehicle.pcid) is None
    assert told == [([vehicle.row.pcid], "withdrawn")]
    event = AuditEvent.objects.get(action="provisioning_pool.withdraw")
    assert (event.target_id, event.reason) == (vehicle.row.pcid, "withdrawn")


def test_withdrawing_what_is_not_there_is_404() -> None:
    actor = parties.actor(organization=parties.organization(wmis=["WVW"]))
    with pytest.raises(NotFound, match="with given PCID is not found"):
        services.withdraw(actor=actor, pcid=Pcid.parse("WVW00000000000000"))


@pytest.mark.parametrize("role", [Role.MO, Role.CPO, Role.CPS, Role.OPERATOR])
def test_other_roles_withdraw_nothing(role: Role) -> None:
    vehicle = trust.published_vehicle()
    actor = parties.bare_actor(roles=[role], right=Right.ADMIN, wmis=["WVW"])
    with pytest.raises(Forbidden):
        services.withdraw(actor=actor, pcid=vehicle.pcid)
    assert ProvisioningCertificate.objects.filter(pk=vehicle.row.pk).exists()


def test_another_oem_withdraws_nothing() -> None:
    vehicle = trust.published_vehicle()
    other = parties.organization(wmis=["WDD"])
    with pytest.raises(Forbidden) as refused:
        services.withdraw(actor=trust.oem_actor(other), pcid=vehicle.pcid)
    assert refused.value.code == "foreign_wmi"
    assert ProvisioningCertificate.objects.filter(pk=vehicle.row.pk).exists()


def test_cleansing_takes_many_and_passes_over_what_left_already(
    told: list[tuple[list[str], str]],
) -> None:
    oem = trust.oem_pki()
    first = trust.published_vehicle(oem=oem)
    second, decoy = (trust.published_vehicle(oem=oem, owner=first.owner) for _ in range(2))
    gone = "WVWGONE0000000001"
    taken = services.withdraw_many(
        actor=system("cleansing"), pcids=[second.row.pcid, gone, first.row.pcid], reason="expired"
    )
    assert taken == 2
    assert list(ProvisioningCertificate.objects.all()) == [decoy.row]
    assert told == [([first.row.pcid, second.row.pcid], "expired")]
    assert services.withdraw_many(actor=system("cleansing"), pcids=[gone], reason="expired") == 0
    assert len(told) == 1


def test_cleansing_is_for_the_operator_and_the_system() -> None:
    vehicle = trust.published_vehicle()
    for actor in (trust.oem_actor(vehicle.owner), trust.operator_person(Right.VIEWER)):
        with pytest.raises(Forbidden):
            services.withdraw_many(actor=actor, pcids=[vehicle.row.pcid], reason="expired")
    assert ProvisioningCertificate.objects.exists()


def test_all_vehicles_below_a_sub_ca_leave_and_no_others(
    told: list[tuple[list[str], str]],
) -> None:
    oem = trust.oem_pki()
    first = trust.published_vehicle(oem=oem)
    second = trust.published_vehicle(oem=oem, owner=first.owner)
    decoy = trust.published_vehicle(pcid_text=trust.pcid("WDD"))
    withdraw_below(first.row.sub_ca1_id)
    assert list(ProvisioningCertificate.objects.all()) == [decoy.row]
    assert told == [([first.row.pcid, second.row.pcid], "sub_ca_revoked")]
