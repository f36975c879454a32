"""Long lists: read batch by batch for a file, and later pages by their keys."""

from datetime import timedelta

import pytest

from apps.core.web.paging import CappedPaginator, in_batches
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, trust

ORDERS = (
    ("-not_after", "-id"),
    ("not_after", "id"),
    ("-pk",),
    ("root__common_name", "-not_after", "pk"),
)


@pytest.fixture
def vehicles(db: None) -> list[ProvisioningCertificate]:
    """Seven vehicles of which some end at the same instant."""
    oem, owner = trust.oem_pki(), parties.organization(wmis=["WVW"])
    made = [trust.published_vehicle(oem=oem, owner=owner).row for _ in range(7)]
    for number, vehicle in enumerate(made):
        vehicle.not_after = trust.now() + timedelta(days=number // 3)
        vehicle.save()
    return made


@pytest.mark.parametrize("order", ORDERS)
def test_batches_hold_every_row_once_and_in_order(
    vehicles: list[ProvisioningCertificate], order: tuple[str, ...]
) -> None:
    rows = ProvisioningCertificate.objects.order_by(*order)
    for size in (1, 2, 3, 7, 50):
        assert list(in_batches(rows, most=100, size=size)) == list(rows)


def test_batches_end_at_the_most(vehicles: list[ProvisioningCertificate]) -> None:
    rows = ProvisioningCertificate.objects.order_by("-pk")
    assert list(in_batches(rows, most=5, size=2)) == list(rows[:5])
    assert list(in_batches(rows, most=4, size=2)) == list(rows[:4])


def test_later_pages_follow_the_first_in_order(vehicles: list[ProvisioningCertificate]) -> None:
    rows = ProvisioningCertificate.objects.order_by("-not_after", "-id")
    pages = CappedPaginator(rows, 3)
    shown = [row for number in pages.page_range for row in pages.page(number).object_list]
    assert shown == list(rows)
