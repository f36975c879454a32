"""DELETE /v1/oem/provCerts/{pcid}."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, trust
from tests.factories.calls import Caller, messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicle() -> trust.Vehicle:
    return trust.published_vehicle()


def path(pcid: object) -> str:
    return f"/v1/oem/provCerts/{pcid}"


def test_the_owner_withdraws_and_gets_an_empty_object(vehicle: trust.Vehicle) -> None:
    backend = Caller(vehicle.owner)
    answer = backend.delete(path(str(vehicle.pcid).lower()))
    assert (answer.status_code, answer.json()) == (200, {})
    assert not ProvisioningCertificate.objects.exists()
    again = backend.delete(path(vehicle.pcid))
    assert again.status_code == 404
    assert messages(again) == ["The OEM provisioning certificate with given PCID is not found."]


def test_another_oem_is_403_and_recorded(vehicle: trust.Vehicle) -> None:
    other = Caller(parties.organization(wmis=["WDD"]))
    assert other.delete(path(vehicle.pcid)).status_code == 403
    assert ProvisioningCertificate.objects.exists()
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.detail["code"]) == ("pcp.withdraw", "foreign_wmi")


@pytest.mark.parametrize("role", [Role.MO, Role.CPO, Role.CPS, Role.OPERATOR])
def test_other_roles_are_403(vehicle: trust.Vehicle, role: Role) -> None:
    caller = Caller(parties.organization(roles=[role]))
    assert caller.delete(path(vehicle.pcid)).status_code == 403
    assert ProvisioningCertificate.objects.exists()


def test_what_is_no_pcid_is_400_with_opcps_text(vehicle: trust.Vehicle) -> None:
    answer = Caller(vehicle.owner).delete(path("WVW"))
    assert answer.status_code == 400
    assert messages(answer) == ['pcid : must match "^[a-zA-Z0-9]{17,18}$"']


def test_without_a_token_nothing_is_withdrawn(vehicle: trust.Vehicle, client: Any) -> None:
    assert client.delete(path(vehicle.pcid)).status_code == 401
    assert ProvisioningCertificate.objects.exists()
