"""GET /v1/oem/provCerts/{pcid}."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from tests.factories import parties, trust
from tests.factories.calls import Caller, messages
from tests.provisioning_pool.bodies import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


@pytest.fixture
def vehicle(oem: trust.OemPki) -> trust.Vehicle:
    return trust.published_vehicle(oem=oem)


@pytest.fixture
def mo() -> Caller:
    return Caller(parties.organization(roles=[Role.MO]))


def path(pcid: object) -> str:
    return f"/v1/oem/provCerts/{pcid}"


def test_an_mo_reads_the_chain_in_opcps_wrapper(vehicle: trust.Vehicle, mo: Caller) -> None:
    answer = mo.get(path(str(vehicle.pcid).lower()))
    assert answer.status_code == 200
    assert set(answer.json()) == {"OEMMessage"}
    message = answer.json()["OEMMessage"]
    names = ("vehicleCertificate", "subCA2Certificate", "subCA1Certificate")
    assert [message[name] for name in names] == [text(c.der) for c in vehicle.chain]
    # Optional members without content are left out.
    assert set(message) == {
        *names,
        "xsdMsgDefNamespace",
        "rootIssuerDistinguishedName",
        "rootIssuerSerialNumber",
        "rootAuthorityKeyIdentifier",
        "fingerprint",
    }


def test_the_owner_reads_its_vehicle_and_another_oem_does_not(vehicle: trust.Vehicle) -> None:
    assert Caller(vehicle.owner).get(path(vehicle.pcid)).status_code == 200
    other = Caller(parties.organization(wmis=["WDD"]))
    assert other.get(path(vehicle.pcid)).status_code == 403
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.detail["code"]) == ("pcp.get", "foreign_wmi")


@pytest.mark.parametrize("role", [Role.CPO, Role.OPERATOR])
def test_other_roles_are_403(vehicle: trust.Vehicle, role: Role) -> None:
    caller = Caller(parties.organization(roles=[role]))
    assert caller.get(path(vehicle.pcid)).status_code == 403


@pytest.mark.parametrize("pcid", ["x", "WVW0000000000000", "WVW0000000000000-0", "é" * 17])
def test_what_is_no_pcid_is_400_with_opcps_text(mo: Caller, pcid: str) -> None:
    answer = mo.get(path(pcid))
    assert answer.status_code == 400
    assert messages(answer) == ['pcid : must match "^[a-zA-Z0-9]{17,18}$"']


def test_an_unknown_vehicle_is_404_with_opcps_text(vehicle: trust.Vehicle, mo: Caller) -> None:
    answer = mo.get(path("WVW00000000000000"))
    assert answer.status_code == 404
    assert messages(answer) == ["The OEM provisioning certificate with given PCID is not found."]


def test_a_vehicle_revoked_since_is_400_and_says_so(
    vehicle: trust.Vehicle, oem: trust.OemPki, mo: Caller
) -> None:
    trust.keep_crl(oem.pki.sub2, revoked=[vehicle.chain[0]])
    answer = mo.get(path(vehicle.pcid))
    assert answer.status_code == 400
    assert messages(answer) == ["The OEM provisioning certificate is revoked."]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_other_methods_are_405(vehicle: trust.Vehicle, mo: Caller, method: str) -> None:
    assert mo.call(method, path(vehicle.pcid)).status_code == 405


def test_without_a_token_nothing_is_read(vehicle: trust.Vehicle, client: Any) -> None:
    assert client.get(path(vehicle.pcid)).status_code == 401
