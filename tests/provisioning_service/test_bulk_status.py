"""Bulk generation while the status services of a car maker are gone or have news."""

from datetime import timedelta

import pytest

from apps.jobs.models import Job
from apps.pki.models import ForeignCrl
from apps.provisioning_pool import services as pcp
from apps.provisioning_service import services, tasks
from tests.factories import contracts, pki, trust
from tests.factories.status_services import StatusServer, status_server_fixture

__all__ = ["status_server_fixture"]
pytestmark = pytest.mark.django_db
CRL = "/sub2.crl"


@pytest.fixture
def world() -> contracts.World:
    return contracts.world()


@pytest.fixture
def fleet(world: contracts.World, status_server: StatusServer) -> list[pki.Holder]:
    """Vehicles whose CRL is stored, but too old for new contract data."""
    made, owner = world.oem.pki, trust.oem_actor(world.vehicle.owner)
    leaves = [trust.leaf_with(made, crl_url=status_server.url(CRL)) for _ in range(4)]
    for leaf in leaves:
        pcp.publish(actor=owner, chain=trust.chain_of(leaf, made))
    crl = ForeignCrl.objects.filter(issuer_fingerprint=made.sub2.certificate.fingerprint)
    assert crl.update(fetched_at=trust.now() - timedelta(hours=1)) == 1
    return leaves


def run(world: contracts.World, fleet: list[pki.Holder]) -> Job:
    now = trust.now()
    period = {"begins": now.isoformat(), "ends": (now + timedelta(days=90)).isoformat()}
    rows = [
        {"pcid": leaf.certificate.common_name, "emaid": str(world.mo.emaid()), **period}
        for leaf in fleet
    ]
    job = services.start_bulk(actor=world.mo.actor, rows=rows)
    tasks.generate_rows(job.pk)
    job.refresh_from_db()
    return job


def test_a_service_that_is_gone_is_tried_once_for_all_rows(
    world: contracts.World, fleet: list[pki.Holder], status_server: StatusServer
) -> None:
    job = run(world, fleet)
    assert (job.done, job.failed) == (4, 0)  # the stored CRL counts until it ends
    assert status_server.asked == [CRL]


def test_what_the_service_says_now_counts_for_each_row(
    world: contracts.World, fleet: list[pki.Holder], status_server: StatusServer
) -> None:
    revoked = fleet[2].certificate
    status_server.serve(CRL, trust.crl_of(world.oem.pki.sub2, revoked=[revoked]))
    job = run(world, fleet)
    assert (job.done, job.failed) == (3, 1)
    failed = job.rows.get(state="failed")
    assert (failed.input["pcid"], failed.code) == (revoked.common_name, "vehicle_revoked")
    assert status_server.asked == [CRL]
