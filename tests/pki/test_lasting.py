"""When the end of a certificate of ours asks for attention: by its kind, in one place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.actor import system
from apps.core.web.display import EXPIRED, SOON_OVER, VALID, Badge
from apps.pki.models import Authority, IssuedCertificate, Responder
from apps.pki.pages import REPLACED, issued_badge
from apps.pki.services import roll_responder
from tests.factories import trust
from tests.factories.trust import Purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority() -> Authority:
    return trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]


def _responder(authority: Authority) -> IssuedCertificate:
    Responder.objects.filter(authority=authority).delete()
    made = roll_responder(actor=system("tests"), authority=authority)
    assert made
    return made.certificate


def _badge(issued: IssuedCertificate, **left: int) -> Badge:
    issued.not_after = timezone.now() + timedelta(**left)
    issued.save(update_fields=["not_after"])
    return issued_badge(issued)


def test_a_responder_lives_for_weeks_and_is_valid_until_its_successor_is_overdue(
    authority: Authority,
) -> None:
    issued = _responder(authority)
    assert issued_badge(issued) == VALID
    assert _badge(issued, days=9, hours=12) == VALID
    assert _badge(issued, days=8) == SOON_OVER
    assert _badge(issued, days=-1) == EXPIRED


def test_a_responder_that_was_followed_asks_for_nobodys_attention(authority: Authority) -> None:
    issued = _responder(authority)
    assert _badge(issued, days=8) == SOON_OVER
    assert roll_responder(actor=system("tests"), authority=authority)
    assert _badge(issued, days=7) == REPLACED
    assert _badge(issued, days=-1) == REPLACED


def test_what_its_owner_renews_ends_soon_long_before(authority: Authority) -> None:
    issued = _responder(authority)
    issued.profile = "CPS"
    assert _badge(issued, days=50) == SOON_OVER


def test_a_responder_of_an_authority_that_does_not_sign_here_is_renewed_by_people(
    authority: Authority,
) -> None:
    issued = _responder(authority)
    issued.authority.active = False
    assert _badge(issued, days=50) == SOON_OVER
