"""What the pages of authorities, sub-CAs and roots say of themselves at this moment."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.core.actor import Right, Role
from apps.participants.models import Organization
from apps.pki.models import Authority
from apps.provisioning_service.models import Signer
from apps.root_pool import generation
from apps.root_pool.models import RootCertificate
from tests.factories import contracts, parties, trust
from tests.portal.actions import page_of

pytestmark = pytest.mark.django_db


def _operator() -> Organization:
    return parties.organization(roles=(Role.OPERATOR,))


def _page(row: Any) -> str:
    client = Client()
    client.force_login(
        parties.member(organization=_operator(), right=Right.VIEWER),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    answer = client.get(page_of(row))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def _checks(row: Any) -> str:
    page = _page(row)
    return page[page.index("Checks now") :].partition("</ul>")[0]


def _distrust(root: RootCertificate) -> None:
    RootCertificate.objects.filter(pk=root.pk).update(state=RootCertificate.State.REMOVED)
    generation.change()


def test_an_authority_shows_its_path_validity_and_status() -> None:
    made = trust.v2g_ecosystem()
    checks = _checks(made.sub2[Authority.Purpose.MO])
    assert checks.count("Passed") == 4
    assert checks.count("Issued here and not revoked.") == 2


def test_an_authority_below_a_removed_root_names_the_rule() -> None:
    made = trust.v2g_ecosystem()
    _distrust(made.root_row)
    assert "Rule: unknown_root" in _checks(made.sub1[Authority.Purpose.CPO])
    root = _checks(made.root)
    assert "Chains below it are refused." in root
    assert root.count("Failed") == 1


def test_an_authority_shows_who_created_it() -> None:
    made = trust.v2g_ecosystem()
    assert "Authority created" in _page(made.sub2[Authority.Purpose.MO])


def test_a_sub_ca_of_a_car_maker_shows_its_chain_and_its_stored_answers() -> None:
    vehicle = contracts.world().vehicle.row
    below, above = vehicle.sub_ca2, vehicle.sub_ca1
    assert below is not None
    page, checks = _page(below), _checks(below)
    assert "Certificate chain" in page
    assert f'href="{page_of(above)}"' in page
    assert "Failed" not in checks
    assert "Not on the revocation list of its issuer. As of <time" in checks


def test_an_expired_sub_ca_fails_at_validity() -> None:
    sub_ca = contracts.world().vehicle.row.sub_ca1
    assert "Failed" not in _checks(sub_ca)
    with time_machine.travel(sub_ca.not_after + timedelta(days=1), tick=False):
        assert "Rule: expired" in _checks(sub_ca)


def test_a_trusted_root_is_fit_valid_and_confirmed_by_two() -> None:
    made = trust.v2g_ecosystem()
    checks = _checks(made.root_row)
    assert checks.count("Passed") == 3
    assert "Two persons stand for it" in checks
    with time_machine.travel(made.root_row.not_after + timedelta(days=1), tick=False):
        assert "Rule: expired" in _checks(made.root_row)


def test_a_root_that_waits_says_so() -> None:
    made = trust.v2g_ecosystem()
    RootCertificate.objects.filter(pk=made.root_row.pk).update(
        state=RootCertificate.State.SUBMITTED, confirmed_at=None
    )
    generation.change()
    assert "A second person has to confirm it" in _checks(made.root_row)


def test_a_signer_shows_who_created_it() -> None:
    contracts.world()
    assert "CPS signer created" in _page(Signer.objects.latest("pk"))
