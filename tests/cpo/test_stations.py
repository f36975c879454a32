"""The certificates of charge points: which count, which end soon, whose they are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.actor import Right, Role
from apps.participants.models import Organization
from apps.pki.models import IssuedCertificate
from tests.factories import parties, trust
from tests.portal.world import issued
from v2g.pki.profiles import SECC_LEAF, Branch

pytestmark = pytest.mark.django_db
PAGE = "/charge-point-certificates/"


def _open(organization: Organization, right: Right = Right.VIEWER) -> Client:
    client = Client()
    client.force_login(
        parties.member(organization=organization, right=right),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def _text(client: Client, address: str) -> str:
    text: str = client.get(address).content.decode()
    return " ".join(text.split())


@pytest.fixture
def authority(db: None) -> Any:
    return next(iter(trust.v2g_ecosystem().sub2.values()))


def _station(authority: Any, owner: Organization, name: str, days: int) -> IssuedCertificate:
    found: IssuedCertificate = issued(authority, owner, Branch.CPO, name)
    found.profile, found.not_after = SECC_LEAF.name, timezone.now() + timedelta(days=days)
    found.save()
    return found


def test_what_ends_soon_is_listed_and_alerted_to_its_owner_alone(authority: Any) -> None:
    cpo, other = (parties.organization(operator_ids=[one]) for one in ("DEAAA", "DEBBB"))
    soon = _station(authority, cpo, "DEAAAE1", 10)
    _station(authority, cpo, "DEAAAE2", 80)
    _station(authority, other, "DEBBBE3", 10)
    client = _open(cpo)
    page = _text(client, PAGE)
    ending = page[page.index("Ending soon") : page.index("Newest")]
    assert f'href="/issued-certificates/{soon.pk}/"' in ending
    assert "DEAAAE2" not in ending
    assert "DEBBBE3" not in page
    assert "1 charge point certificate ends within 60 days" in _text(client, "/")


def test_a_revoked_certificate_needs_no_renewal(authority: Any) -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    found = _station(authority, cpo, "DEAAAE1", 10)
    found.state = IssuedCertificate.State.REVOKED
    found.save()
    client = _open(cpo)
    assert "No certificate ends within 60 days" in _text(client, PAGE)
    assert "Renew it now" not in _text(client, "/")


def test_only_who_may_ask_is_offered_to(authority: Any) -> None:
    cpo = parties.organization(operator_ids=["DEAAA"])
    assert "/request-certificate/" not in _text(_open(cpo), PAGE)
    assert "/request-certificate/" in _text(_open(cpo, Right.EDITOR), PAGE)


def test_it_is_a_page_of_charge_point_operators(authority: Any) -> None:
    assert _open(parties.organization(roles=[Role.MO])).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_roots_to_install_are_in_the_menu(authority: Any) -> None:
    client = _open(parties.organization(operator_ids=["DEAAA"]))
    assert 'href="/trust-store/"' in _text(client, "/")
    assert "Download" in _text(client, "/trust-store/")
