"""What is due is found over indexes that hold nothing else, however many contracts there are."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.contract_pool import due
from apps.contract_pool.models import Contract, ContractData
from apps.participants.models import Organization
from apps.provisioning_service.expiring import KINDS
from tests.factories import contracts

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MANY = 3_000


@pytest.fixture
def mo() -> Organization:
    """An MO with many contracts that run, of which two in a hundred end soon."""
    organization, now = contracts.mo().organization, timezone.now()
    Contract.objects.bulk_create(
        Contract(
            emaid_key=f"DE001C{number:08d}",
            emaid=f"DE001C{number:08d}",
            pcid=f"WVW{number:014d}",
            mo=organization,
            begins=now,
            ends=now + timedelta(days=2000),
            concluded_at=now,
            successor_by=now + timedelta(days=number % 700 + 1),
            made_by_us=number % 5 > 0,
            renewal_asked_at=now - timedelta(days=2) if number % 100 == 0 else None,
        )
        for number in range(MANY)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contract_pool_contract")
    return organization


def _plan(rows: Any) -> str:
    return str(rows.explain())


def test_what_is_to_be_asked_for_is_read_from_its_index(mo: Organization) -> None:
    now = timezone.now()
    assert "ccp_to_ask" in _plan(due.unasked(mo, now=now)[:500])
    # Of those of other CAs the index of the warnings holds fewer.
    plan = _plan(due.to_ask(mo, now=now)[:500])
    assert "ccp_to_ask" in plan or "ccp_to_warn" in plan


def test_what_was_asked_for_is_read_from_its_index(mo: Organization) -> None:
    now = timezone.now()
    assert "ccp_asked" in _plan(due.asked(mo.pk)[:100])
    assert "ccp_asked" in _plan(due.failing(mo.pk, now=now)[:100])


def test_what_is_warned_of_is_read_from_its_index(mo: Organization) -> None:
    now = timezone.now()
    span = {"successor_by__gte": now, "successor_by__lte": now + timedelta(days=1)}
    rows = KINDS[0].rows().filter(**span).order_by("successor_by", "pk")
    assert "ccp_to_warn" in _plan(rows[:500])


def test_what_a_signer_signed_is_read_from_its_index(mo: Organization) -> None:
    rows = ContractData.objects.of_signers([bytes(32)]).order_by("id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "ccp_signer" in _plan(rows[:500])
