import pytest

from tests.factories import trust

pytestmark = pytest.mark.django_db


def test_a_vehicle_of_a_trusted_oem_enters_the_pool():
    trust.v2g_ecosystem()
    vehicle = trust.published_vehicle()
    assert vehicle.row.pcid == str(vehicle.pcid)
