"""What waits for the operator stands on the first page, and leads to where it is decided."""

import re
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client

from apps.core.actor import Role
from apps.pki.models import EnrolmentRequest
from apps.root_pool import services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.portal import world
from tests.portal.conftest import Browser, browser
from tests.portal.world import Party
from v2g.pki.profiles import Branch

__all__ = ["browser"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(browser: Browser) -> Client:
    """A person of the operator."""
    cache.clear()
    organization = trust.operator()
    return browser(Party(organization, parties.member(organization=organization)))


def root_that_waits() -> RootCertificate:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    kind = RootCertificate.Type.OEM
    return services.submit(actor=trust.operator_person(), der=holder.der, root_type=kind)


def root_that_is_asked_for() -> RootCertificate:
    root = trust.oem_pki().root_row
    return services.ask_removal(actor=trust.operator_person(), root=root)


def leads_to(client: Client, sentence: str) -> str:
    """Follow the sentence from the first page; return the list's text."""
    page = unescape(client.get("/").content.decode())
    found = re.search(rf'{re.escape(sentence)}.*?href="([^"]+)"', page, re.DOTALL)
    assert found is not None, sentence
    return client.get(found[1]).content.decode()


def test_nothing_waits(client: Client) -> None:
    assert "pp-alert" not in client.get("/").content.decode()


def test_roots_that_were_submitted(client: Client) -> None:
    waits, other = root_that_waits(), root_that_is_asked_for()
    listed = leads_to(client, "1 root waits for the second person.")
    assert str(waits.uuid) in listed
    assert str(other.uuid) not in listed


def test_removals_that_were_asked_for(client: Client) -> None:
    waits, other = root_that_is_asked_for(), root_that_waits()
    listed = leads_to(client, "The removal of 1 root waits for the second person.")
    assert str(waits.uuid) in listed
    assert str(other.uuid) not in listed


def test_certificate_requests(client: Client) -> None:
    signers = parties.organization(name="Signers", roles=[Role.CPS])
    pending, refused = (world.enrolment_request(signers) for _ in range(2))
    EnrolmentRequest.objects.filter(pk=refused.pk).update(state=EnrolmentRequest.State.REFUSED)
    listed = leads_to(client, "1 certificate request waits for a decision.")
    assert str(pending.uuid) in listed
    assert str(refused.uuid) not in listed
