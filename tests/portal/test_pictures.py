"""The pictures of the dashboards: what was counted day by day, and how it is drawn."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from apps.contract_pool.models import Contract, Delivery
from apps.core.actor import Actor
from apps.core.web.pictures import Picture, Series, Slot
from apps.events.models import WebhookDelivery
from apps.jobs.models import Job
from apps.mo.models import ConclusionDraft
from apps.participants import selectors
from apps.portal import charts, services
from apps.portal.models import DailyFigure
from apps.portal.queue import queue_for
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service.services import SIGNING_KINDS
from tests.portal.conftest import Browser
from tests.portal.world import Party, World, delivery

Kind = DailyFigure.Kind


def _viewer(party: Party) -> Actor:
    return selectors.actor_of_member(user=party.user, organization=party.organization)


def _count(kind: Kind, party: Party | None, day: datetime) -> int | None:
    owner = party.organization if party else None
    rows = DailyFigure.objects.filter(kind=kind, organization=owner, day=day.astimezone(UTC).date())
    found: int | None = rows.values_list("count", flat=True).first()
    return found


def _picture(**changes: object) -> Picture:
    given: dict[str, object] = {
        "title": "Charging",
        "sentence": "Charging: 4",
        "first": "Day",
        "series": (Series("Good"), Series("Bad", "bad")),
        "slots": (
            Slot(label="Mon", counts=(3, 1)),
            Slot(label="Tue", counts=(0, 0)),
            Slot(label="Wed", counts=(2, 0)),
        ),
        "empty": "Nothing",
    }
    return Picture(**(given | changes))  # type: ignore[arg-type]  # the fields stand above


# --- drawing --------------------------------------------------------------------------------------


def test_parts_stand_on_each_other_and_the_tallest_column_fills_the_room() -> None:
    monday, tuesday, wednesday = _picture().drawn
    good, bad = monday.parts
    assert (good.look, bad.look) == ("main", "bad")
    assert bad.at + bad.length <= good.at
    assert bad.at == pytest.approx(20)
    assert tuesday.parts == ()
    assert wednesday.parts[0].at == pytest.approx(152 - 132 / 2)


def test_columns_stand_beside_each_other_within_the_picture() -> None:
    drawn = _picture().drawn
    for one, following in pairwise(drawn):
        assert one.left + one.width < following.left
    assert drawn[-1].left + drawn[-1].width < 100


def test_bars_of_one_slot_follow_each_other_in_per_cent_of_the_longest() -> None:
    good, bad = _picture().drawn[0].bars
    assert (good.at, good.length, bad.at, bad.length) == (0, 75, 75, 25)


def test_a_small_number_beside_a_large_one_is_still_seen() -> None:
    slots = (Slot(label="a", counts=(1, 0)), Slot(label="b", counts=(100_000, 0)))
    assert _picture(slots=slots).drawn[0].parts[0].length >= 2


def test_large_numbers_on_columns_are_short() -> None:
    counts = (0, 9_999, 123_456, 2_340_000)
    slots = tuple(Slot(label="a", counts=(count, 0)) for count in counts)
    assert [one.text for one in _picture(slots=slots).drawn] == ["", "9,999", "123k", "2.3M"]
    many = (*slots, *[Slot(label="b", counts=(6_543, 0))] * 10)
    assert _picture(slots=many).drawn[-1].text == "6.5k"


def test_a_picture_of_one_series_has_no_legend() -> None:
    one = _picture(series=(Series("Good"),), slots=(Slot(label="Mon", counts=(1,)),))
    assert not one.keys
    assert len(_picture().keys) == 2


# --- counting -------------------------------------------------------------------------------------


def test_what_happened_is_counted_by_day_for_its_party_and_for_all(ecosystem: World) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    before = now - timedelta(days=1)
    oem, mo = ecosystem.oems[0], ecosystem.mos[0]
    ProvisioningCertificate.objects.update(published_at=before)
    Contract.objects.update(concluded_at=now)
    services.count_days(now=now)
    assert _count(Kind.PUBLISHED, oem, before) == 1
    assert _count(Kind.PUBLISHED, None, before) == ProvisioningCertificate.objects.count()
    assert _count(Kind.PUBLISHED, oem, now) is None
    assert _count(Kind.PUBLISHED, None, now) == 0
    assert _count(Kind.CONCLUDED, mo, now) == Contract.objects.filter(mo=mo.organization).count()


def test_an_installation_counts_for_the_mo_of_its_contract_and_a_refusal_for_all_alone(
    ecosystem: World,
) -> None:
    now = timezone.now()
    mo, cpo, oem = ecosystem.mos[0], ecosystem.cpos[0], ecosystem.oems[0]
    contract = mo.rows[Contract]
    Delivery.objects.all().delete()
    delivery(cpo.organization, contract_id=contract.pk)
    delivery(cpo.organization, outcome=Delivery.Outcome.REFUSED, reason="exi")
    delivery(oem.organization, way=Delivery.Way.OEM, contract_id=contract.pk)
    services.count_days(now=now)
    assert _count(Kind.INSTALLED, mo, now) == 1
    assert _count(Kind.INSTALLED, cpo, now) is None
    assert _count(Kind.REFUSED, None, now) == 1
    assert not DailyFigure.objects.filter(kind=Kind.REFUSED, organization__isnull=False).exists()
    assert (_count(Kind.FETCHED, mo, now), _count(Kind.ANSWERED, oem, now)) == (1, 1)


def test_webhook_deliveries_count_on_the_day_they_were_settled(ecosystem: World) -> None:
    now, receiver = timezone.now(), ecosystem.oems[0]
    one = receiver.rows[WebhookDelivery]
    WebhookDelivery.objects.filter(pk=one.pk).update(
        state=WebhookDelivery.State.FAILED, settled_at=now
    )
    services.count_days(now=now)
    assert _count(Kind.NOT_TOLD, receiver, now) == 1
    assert _count(Kind.NOT_TOLD, ecosystem.mos[1], now) is None


def test_counting_again_adds_nothing_and_forgets_nothing(ecosystem: World) -> None:
    now, oem = timezone.now(), ecosystem.oems[0]
    ProvisioningCertificate.objects.update(published_at=now)
    services.count_days(now=now)
    services.count_days(now=now)
    assert _count(Kind.PUBLISHED, oem, now) == 1
    ProvisioningCertificate.objects.update(published_at=now - timedelta(days=300))
    services.count_days(now=now)
    assert _count(Kind.PUBLISHED, oem, now) == 1


def test_days_without_the_clock_are_counted_later_and_old_ones_leave(ecosystem: World) -> None:
    start, oem = timezone.now() - timedelta(days=10), ecosystem.oems[0]
    services.count_days(now=start)
    ProvisioningCertificate.objects.update(published_at=start + timedelta(days=4))
    services.count_days(now=start + timedelta(days=10))
    assert _count(Kind.PUBLISHED, oem, start + timedelta(days=4)) == 1
    services.count_days(now=start + timedelta(days=450))
    assert _count(Kind.PUBLISHED, oem, start + timedelta(days=4)) is None


# --- dashboards -----------------------------------------------------------------------------------


def test_each_role_looks_back_at_its_own(ecosystem: World) -> None:
    services.count_days(now=timezone.now())
    people = {
        "oem": ecosystem.oems[0],
        "mo": ecosystem.mos[0],
        "operator": ecosystem.operator,
    }
    titles = {
        name: [str(one.title) for one in charts.charts_for(_viewer(party))]
        for name, party in people.items()
    }
    assert titles == {
        "oem": [
            "Vehicles published per week",
            "Contract data fetched per week",
            "Webhook deliveries per day",
        ],
        "mo": [
            "Contracts concluded per week",
            "Contracts installed per week",
            "Webhook deliveries per day",
        ],
        "operator": [
            "Vehicles published per week",
            "Contracts concluded per week",
            "Installations per week",
            "Webhook deliveries per day",
        ],
    }


def test_the_numbers_of_another_party_stand_in_no_picture(ecosystem: World) -> None:
    now, (oem, other) = timezone.now(), ecosystem.oems
    ProvisioningCertificate.objects.exclude(owner=other.organization).delete()
    ProvisioningCertificate.objects.update(published_at=now)
    services.count_days(now=now)
    published = [charts.charts_for(_viewer(one))[0].slots[-1].total for one in (oem, other)]
    assert published == [0, 1]


def test_every_picture_of_a_dashboard_has_its_sentence_and_its_table(
    ecosystem: World, browser: Browser
) -> None:
    services.count_days(now=timezone.now())
    for party in ecosystem.parties:
        answer = browser(party).get("/")
        dashboard, page = answer.context["dashboard"], answer.content.decode()
        drawn = [one for one in (*dashboard.wide, *dashboard.pictures) if not one.is_empty]
        assert page.count('<details class="pp-picture__numbers">') == len(drawn)
        columns = [one for one in drawn if not one.lies]
        assert page.count('role="img"') >= len(columns)
        for one in drawn:
            assert str(one.sentence) in page


def test_the_signing_queue_shows_own_open_jobs_and_single_contracts(ecosystem: World) -> None:
    mo, other = ecosystem.mos
    Job.objects.all().delete()
    assert queue_for(_viewer(ecosystem.oems[0])) is None
    assert queue_for(_viewer(mo)).is_empty  # type: ignore[union-attr]  # an MO has one
    for party, state in ((mo, "running"), (mo, "done"), (other, "waiting")):
        Job.objects.create(
            organization=party.organization,
            kind=SIGNING_KINDS[0],
            state=state,
            total=10,
            done=4,
            failed=1,
        )
    ConclusionDraft.objects.create(
        organization=mo.organization, person=mo.user, state=ConclusionDraft.State.ORDERED
    )
    own, all_of_them = queue_for(_viewer(mo)), queue_for(_viewer(ecosystem.operator))
    assert own
    assert all_of_them
    assert [slot.counts for slot in own.slots] == [(4, 1, 5), (0, 0, 1)]
    assert own.note == "6 waiting, 1 job"
    assert all_of_them.note == "11 waiting, 2 jobs"
