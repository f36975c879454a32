"""Publishing vehicles whose status says no, and those of our own CA."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from apps.core.actor import system
from apps.core.errors import Invalid
from apps.participants.models import Organization
from apps.pki import services as pki_services
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.provisioning_pool import selectors, tasks
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import services as rcp
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.factories.status_services import StatusServer
from tests.factories.trust import Purpose
from tests.provisioning_pool.publishing import publish, refused
from v2g.pki.profiles import OEM_LEAF

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker() -> Organization:
    return parties.organization(wmis=["WVW"])


def own_vehicle(
    ecosystem: trust.Ecosystem, pcid_text: str = "WVWOWN00000000001"
) -> tuple[IssuedCertificate, Chain]:
    """A provisioning certificate that our own OEM CA issued, with its chain."""
    begins = trust.now()
    issued = pki_services.issue(
        actor=system("tests"),
        authority=ecosystem.sub2[Purpose.OEM],
        profile=OEM_LEAF,
        common_name=pcid_text,
        public_key=pki.make_key("own vehicle").public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=90),
        owner=None,
    )
    sub2, sub1 = ecosystem.chain(Purpose.OEM)
    return issued, Chain(vehicle=issued.certificate.der, sub2=sub2.der, sub1=sub1.der)


def test_a_vehicle_of_our_own_oem_ca_is_checked_against_our_table(maker: Organization) -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.OEM])
    _, chain = own_vehicle(ecosystem)
    row = publish(maker, chain)
    assert [one["by"] for one in row.checks["status"]] == ["own", "own", "own"]
    assert row.root == ecosystem.root_row


def test_a_certificate_in_the_name_of_our_ca_that_we_did_not_issue_is_refused(
    maker: Organization,
) -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.OEM])
    issued, chain = own_vehicle(ecosystem)
    IssuedCertificate.objects.filter(pk=issued.pk).delete()
    assert refused(maker, chain).code == "status_unknown"


def test_a_revoked_certificate_of_ours_is_refused_and_its_vehicle_leaves_the_pool(
    maker: Organization,
) -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.OEM])
    issued, chain = own_vehicle(ecosystem)
    publish(maker, chain)
    decoy = trust.published_vehicle(owner=maker)
    pki_services.revoke(
        actor=system("tests"), certificates=[issued], reason=RevocationReason.KEY_COMPROMISE
    )
    assert list(ProvisioningCertificate.objects.all()) == [decoy.row]
    with pytest.raises(Invalid, match="revoked"):
        publish(maker, chain)


def messages(sent: list[partial[None]]) -> list[tuple[Any, ...]]:
    """The messages of this pool among what would be sent on commit."""
    return [call.args for call in sent if call.args[:1] == (tasks.WITHDRAW_BELOW,)]


def test_vehicles_below_a_revoked_sub_ca_of_ours_leave_in_the_background(
    maker: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.OEM])
    _, chain = own_vehicle(ecosystem)
    row = publish(maker, chain)
    assert row.sub_ca2 is not None
    decoy = trust.published_vehicle(owner=maker)
    sub2 = IssuedCertificate.objects.get(fingerprint=ecosystem.sub2[Purpose.OEM].fingerprint)
    assert not selectors.revoked_sub_cas().exists()
    with django_capture_on_commit_callbacks() as sent:
        pki_services.revoke(
            actor=system("tests"), certificates=[sub2], reason=RevocationReason.CA_COMPROMISE
        )
    message = (tasks.WITHDRAW_BELOW, (row.sub_ca2.pk,))
    assert messages(sent) == [message]
    with pytest.raises(Invalid, match="OEM Sub2 is revoked"):
        selectors.verify_stored(row, at=trust.now())
    # Had the message been lost, the sweep would find the same sub-CA.
    assert list(selectors.revoked_sub_cas()) == [row.sub_ca2]
    with django_capture_on_commit_callbacks() as sent:
        tasks.sweep_revoked()
    assert messages(sent) == [message]
    with django_capture_on_commit_callbacks() as sent:
        tasks.withdraw_below(row.sub_ca2.pk)
    assert list(ProvisioningCertificate.objects.all()) == [decoy.row]
    assert messages(sent) == [message]
    with django_capture_on_commit_callbacks() as sent:
        tasks.withdraw_below(row.sub_ca2.pk)
    assert messages(sent) == []
    assert not selectors.revoked_sub_cas().exists()


def test_a_vehicle_on_a_real_crl_is_refused(
    maker: Organization, status_server: StatusServer
) -> None:
    made = trust.oem_pki(crls_of=("root", "sub1"))
    leaf = trust.leaf_with(made.pki, crl_url=status_server.url("/crl"))
    status_server.serve("/crl", trust.crl_of(made.pki.sub2, revoked=[leaf.certificate]))
    error = refused(maker, trust.chain_of(leaf, made.pki))
    assert (error.status, error.code) == (400, "revoked")
    assert status_server.asked == ["/crl"]


def test_a_vehicle_that_a_real_responder_calls_revoked_is_refused(
    maker: Organization, status_server: StatusServer
) -> None:
    made = trust.oem_pki(crls_of=("root", "sub1"))
    leaf = trust.leaf_with(made.pki, ocsp_url=status_server.url("/ocsp"))
    status_server.serve_ocsp("/ocsp", made.pki.sub2, revoked=(leaf.certificate,), at=trust.now())
    error = refused(maker, trust.chain_of(leaf, made.pki))
    assert (error.status, error.code) == (400, "revoked")


def test_a_vehicle_whose_status_nobody_tells_is_refused(
    maker: Organization, status_server: StatusServer
) -> None:
    made = trust.oem_pki(crls_of=("root", "sub1"))
    leaf = trust.leaf_with(made.pki, crl_url=status_server.url("/nothing"))
    error = refused(maker, trust.chain_of(leaf, made.pki))
    assert (error.status, error.code) == (400, "status_unknown")


def test_the_policy_of_the_root_admits_certificates_without_a_status_service(
    maker: Organization,
) -> None:
    made = trust.oem_pki(crls_of=("root", "sub1"))
    leaf = trust.leaf_with(made.pki)
    assert refused(maker, trust.chain_of(leaf, made.pki)).code == "status_unknown"
    rcp.set_status_policy(
        actor=trust.operator_person(),
        root=made.root_row,
        order=RootCertificate.StatusOrder.CRL_FIRST,
        optional=True,
        max_age_days=7,
    )
    row = publish(maker, trust.chain_of(leaf, made.pki))
    assert [one["by"] for one in row.checks["status"]] == ["none", "crl", "crl"]
