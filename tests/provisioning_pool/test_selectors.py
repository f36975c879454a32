"""Reading vehicles: who may, and what is still good today."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.actor import Role
from apps.core.errors import Forbidden, Invalid, NotFound
from apps.provisioning_pool import selectors
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import services as rcp
from tests.factories import parties, trust
from v2g.ids import Pcid

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


@pytest.fixture
def vehicle(oem: trust.OemPki) -> trust.Vehicle:
    return trust.published_vehicle(oem=oem)


@pytest.mark.parametrize("role", [Role.MO, Role.CPS])
def test_an_mo_and_a_cps_read_any_vehicle(vehicle: trust.Vehicle, role: Role) -> None:
    viewer = parties.actor(organization=parties.organization(roles=[role]))
    found = selectors.get(viewer, vehicle.pcid, at=timezone.now())
    shown = (found.der, found.sub_ca2, found.sub_ca1)
    assert shown == tuple(certificate.der for certificate in vehicle.chain)
    selectors.lookup(viewer, vehicle.pcid, at=trust.now())


def test_an_oem_reads_its_own_vehicles_only(vehicle: trust.Vehicle) -> None:
    own = trust.oem_actor(vehicle.owner)
    found = selectors.get(own, vehicle.pcid, at=timezone.now())
    assert found.fingerprint == vehicle.chain[0].fingerprint
    selectors.lookup(own, vehicle.pcid, at=trust.now())
    other = parties.actor(organization=parties.organization(wmis=["WDD"]))
    with pytest.raises(Forbidden):
        selectors.get(other, vehicle.pcid, at=timezone.now())
    with pytest.raises(Forbidden):
        selectors.lookup(other, vehicle.pcid, at=trust.now())


def test_an_oem_does_not_learn_whether_a_foreign_pcid_exists() -> None:
    viewer = parties.actor(organization=parties.organization(wmis=["WDD"]))
    with pytest.raises(Forbidden):
        selectors.lookup(viewer, Pcid.parse("WVW00000000000000"), at=trust.now())


@pytest.mark.parametrize("role", [Role.CPO, Role.OPERATOR])
def test_other_roles_read_no_vehicle(vehicle: trust.Vehicle, role: Role) -> None:
    viewer = parties.actor(organization=parties.organization(roles=[role]))
    with pytest.raises(Forbidden):
        selectors.get(viewer, vehicle.pcid, at=timezone.now())
    with pytest.raises(Forbidden):
        selectors.lookup(viewer, vehicle.pcid, at=trust.now())


def test_an_unknown_vehicle_is_404() -> None:
    viewer = parties.actor(organization=parties.organization(roles=[Role.MO]))
    unknown = Pcid.parse("WVW00000000000000")
    with pytest.raises(NotFound):
        selectors.get(viewer, unknown, at=timezone.now())
    with pytest.raises(NotFound):
        selectors.lookup(viewer, unknown, at=trust.now())


def get(vehicle: trust.Vehicle, after: timedelta = timedelta()) -> None:
    viewer = parties.actor(organization=parties.organization(roles=[Role.MO]))
    selectors.get(viewer, vehicle.pcid, at=timezone.now() + after)


def test_a_vehicle_revoked_since_is_not_handed_out(
    vehicle: trust.Vehicle, oem: trust.OemPki
) -> None:
    get(vehicle)
    trust.keep_crl(oem.pki.sub2, revoked=[vehicle.chain[0]])
    with pytest.raises(Invalid) as refused:
        get(vehicle)
    assert refused.value.code == "revoked"


def test_a_vehicle_under_a_revoked_sub_ca_is_not_handed_out(
    vehicle: trust.Vehicle, oem: trust.OemPki
) -> None:
    trust.keep_crl(oem.pki.sub1, revoked=[vehicle.chain[1]])
    with pytest.raises(Invalid, match="OEM Sub2 is revoked"):
        get(vehicle)


def test_a_vehicle_whose_status_is_too_old_is_not_handed_out(vehicle: trust.Vehicle) -> None:
    get(vehicle, timedelta(days=6, hours=23))
    with pytest.raises(Invalid) as refused:
        get(vehicle, timedelta(days=7, hours=1))
    assert refused.value.code == "status_unknown"


def test_an_expired_vehicle_is_not_handed_out(vehicle: trust.Vehicle) -> None:
    with pytest.raises(Invalid) as refused:
        get(vehicle, timedelta(days=365 * 5))
    assert refused.value.code == "expired"


def test_a_vehicle_of_a_removed_root_is_not_handed_out(
    vehicle: trust.Vehicle, oem: trust.OemPki
) -> None:
    rcp.ask_removal(actor=trust.operator_person(), root=oem.root_row)
    rcp.confirm_removal(actor=trust.operator_person(), root=oem.root_row)
    with pytest.raises(Invalid) as refused:
        get(vehicle)
    assert refused.value.code == "unknown_root"


def test_the_list_of_a_party_is_its_own_vehicles(vehicle: trust.Vehicle, oem: trust.OemPki) -> None:
    own = trust.published_vehicle(oem=oem, owner=vehicle.owner)
    decoy = trust.published_vehicle(oem=oem, pcid_text=trust.pcid("WDD"))
    assert set(selectors.visible(trust.oem_actor(vehicle.owner))) == {vehicle.row, own.row}
    everything = {vehicle.row, own.row, decoy.row}
    assert set(selectors.visible(trust.operator_person())) == everything
    for role in (Role.MO, Role.CPO, Role.CPS):
        viewer = parties.actor(organization=parties.organization(roles=[role]))
        assert not selectors.visible(viewer).exists()


def test_conditions_find_exactly_what_they_name(vehicle: trust.Vehicle, oem: trust.OemPki) -> None:
    decoy = trust.published_vehicle(pcid_text=trust.pcid("WDD"))
    rows = ProvisioningCertificate.objects
    for sub_ca in (vehicle.row.sub_ca1_id, vehicle.row.sub_ca2_id or 0):
        assert list(rows.below(sub_ca)) == [vehicle.row]
    rows.filter(pk=decoy.row.pk).update(not_after=timezone.now() - timedelta(seconds=1))
    assert list(rows.expired(timezone.now())) == [decoy.row]
