"""The overview of the pools: what it counts, where its numbers lead, and who sees it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Right
from apps.core.web import counting, paging
from apps.core.web.counting import Amount, amount
from apps.operator import pictures, pools
from apps.operator.pools import Figure, Pool
from apps.participants.models import Organization
from apps.participants.selectors import actor_of_member
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, trust
from tests.portal.conftest import Browser, browser, ecosystem
from tests.portal.world import Party, World, contract

__all__ = ["browser", "ecosystem"]

PAGE = "/pools/"


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    cache.clear()


def gathered(world: World) -> pools.Overview:
    user = world.operator.user
    organization = world.operator.organization
    return pools.overview(actor_of_member(user=user, organization=organization))


def listed(client: Client, href: str) -> int:
    """How many rows the list behind a number shows."""
    page = client.get(href)
    assert page.status_code == 200, href
    return int(page.context["cl"].result_count)


def figures(overview: pools.Overview) -> list[Figure]:
    of_pools = [one for pool in overview.pools for one in (pool.total, *pool.within, pool.expired)]
    rankings = (overview.oems, overview.mos, overview.roots)
    held = [one for ranking in rankings for holder in ranking.holders for one in holder.figures]
    return of_pools + held


def test_every_number_is_that_of_the_list_it_leads_to(ecosystem: World, browser: Browser) -> None:
    client, found = browser(ecosystem.operator), figures(gathered(ecosystem))
    assert [one.amount.counted for one in found] == [listed(client, one.href) for one in found]
    assert sum(one.amount.counted for one in found) > 20


def test_the_page_shows_and_links_them(ecosystem: World, browser: Browser) -> None:
    page = browser(ecosystem.operator).get(PAGE).content.decode()
    for one in figures(gathered(ecosystem)):
        assert f'href="{one.href}">{one.amount.text}</a>' in unescape(page)


def test_what_ends_is_counted_in_its_period(ecosystem: World) -> None:
    Contract.objects.all().update(state=Contract.State.ENDED)
    mo = ecosystem.mos[0].organization
    for number, days in enumerate((-1, 10, 45, 46, 75, 200)):
        ends = trust.now() + timedelta(days=days)
        contract(mo, f"DEAAACX000000{number}", f"WVW1000000000000{number}", ends=ends)
    found = gathered(ecosystem).pools[2]
    assert (found.total.amount.counted, found.expired.amount.counted) == (6, 1)
    assert [one.amount.counted for one in found.within] == [1, 3, 4]


def test_holders_are_named_with_what_is_theirs(ecosystem: World) -> None:
    found = gathered(ecosystem)
    oem = ecosystem.oems[0].organization
    of_oem = next(one for one in found.oems.holders if one.name == oem.name)
    assert of_oem.figures[0].amount.counted == oem.vehicles.count()
    mo = ecosystem.mos[0].organization
    of_mo = next(one for one in found.mos.holders if one.name == mo.name)
    assert of_mo.figures[0].amount.counted == mo.contracts.running().count()
    root = ProvisioningCertificate.objects.all()[0].root
    of_root = next(one for one in found.roots.holders if str(root.uuid) in one.href)
    assert of_root.figures[0].amount.counted == root.vehicles.count()


def test_the_largest_come_first_and_the_rest_is_said_to_be_left_out(
    ecosystem: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    mo = ecosystem.mos[1].organization
    Contract.objects.all().update(mo=mo, state=Contract.State.RUNNING)
    assert gathered(ecosystem).mos.holders[0].name == mo.name
    cache.clear()
    monkeypatch.setattr(pools, "SHOWN", 1)
    found = gathered(ecosystem)
    assert (len(found.mos.holders), found.mos.left_out) == (1, True)
    assert "All organisations" in browser(ecosystem.operator).get(PAGE).content.decode()


def test_numbers_are_gathered_once_a_minute(ecosystem: World, browser: Browser) -> None:
    before = gathered(ecosystem)
    Contract.objects.all().update(state=Contract.State.ENDED)
    assert gathered(ecosystem) == before


@pytest.mark.parametrize("right", list(Right))
def test_everybody_of_the_operator_sees_the_page(db: None, browser: Browser, right: Right) -> None:
    operator = trust.operator()
    client = browser(Party(operator, parties.member(organization=operator, right=right)))
    answer = client.get(PAGE)
    assert answer.status_code == 200
    assert "No OEM takes part yet" in answer.content.decode()
    assert client.post(PAGE).status_code == 405


def test_nobody_else_sees_it(ecosystem: World, browser: Browser) -> None:
    others = [party for party in ecosystem.parties if party is not ecosystem.operator]
    assert {browser(party).get(PAGE).status_code for party in others} == {403}


# --- counting -------------------------------------------------------------------------------------
@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting stops at three."""
    for module in (paging, counting):
        monkeypatch.setattr(module, "COUNT_LIMIT", 3)


@pytest.mark.usefixtures("_few", "db")
def test_counting_stops_and_says_so() -> None:
    for _ in range(3):
        parties.organization()
    assert amount(Organization.objects.all()).text == "3"
    for _ in range(4):
        parties.organization()
    found = amount(Organization.objects.all())
    assert found.counted == 4
    assert found.estimate is None or connections["default"].vendor == "postgresql"
    assert found.text == "3+" or found.text.startswith("about ")


def test_an_estimate_is_named_as_one_and_says_no_more_than_it_knows() -> None:
    assert Amount(2001, 98_765).text == "about 99,000"
    assert Amount(2001, 98_765).size == 98_765
    assert Amount(2001).text == "2,000+"
    assert Amount(2000).text == "2,000"


@pytest.mark.usefixtures("_few", "db")
def test_the_planner_is_asked_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        parties.organization()

    def planned(rows: Any, **asked: Any) -> str:
        assert asked == {"format": "json"}
        return '[{"Plan": {"Node Type": "Seq Scan", "Plan Rows": 4321}}]'

    rows = Organization.objects.all()
    monkeypatch.setattr(connections["default"], "vendor", "postgresql")
    monkeypatch.setattr(type(rows), "explain", planned)
    assert amount(rows).text == "about 4,300"


# --- pictures -------------------------------------------------------------------------------------
def drawn(*sizes: int) -> Pool:
    first, second, third, expired, total = (Figure(Amount(size), "") for size in sizes)
    return Pool(title="Pool", total=total, within=(first, second, third), expired=expired)


def test_bars_show_each_stretch_of_time_once() -> None:
    long, short, empty = pictures.endings(
        [drawn(10, 30, 60, 40, 500), drawn(0, 0, 1, 0, 1), drawn(0, 0, 0, 0, 9)]
    )
    assert [(part.key, part.percent) for part in long.parts] == [
        ("expired", 40),
        ("first", 10),
        ("second", 20),
        ("third", 30),
    ]
    assert [(part.key, part.percent) for part in short.parts] == [("third", 1)]
    assert empty.parts == ()
    assert long.sentence == "Pool: 40 expired, 60 end within 90 days"


def test_estimates_that_fall_draw_nothing_backwards() -> None:
    (bar,) = pictures.endings([drawn(50, 40, 45, 0, 100)])
    assert [(part.key, part.percent) for part in bar.parts] == [("first", 100)]


# --- filters of lists -----------------------------------------------------------------------------
OF_PARTIES = [
    ("/vehicles/", "oem", ProvisioningCertificate, "owner"),
    ("/contracts/", "mo", Contract, "mo"),
    ("/contract-data/", "root", ContractData, "root"),
]


@pytest.mark.parametrize(("path", "parameter", "model", "field"), OF_PARTIES)
def test_the_operator_narrows_a_list(
    ecosystem: World, browser: Browser, path: str, parameter: str, model: Any, field: str
) -> None:
    client = browser(ecosystem.operator)
    chosen = getattr(model.objects.all()[0], field)
    expected = model.objects.filter(**{field: chosen}).count()
    assert listed(client, f"{path}?{parameter}={chosen.uuid}") == expected
    assert listed(client, f"{path}?{parameter}=unknown") == model.objects.count()


def test_the_audit_trail_is_narrowed_to_a_party(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    chosen = ecosystem.oems[0].organization
    page = client.get(f"/audit/?organization={chosen.uuid}")
    rows = page.context["cl"].queryset
    assert {event.organization_id for event in rows} == {chosen.pk}
    assert re.search(rf'value="{chosen.uuid}"\s+selected', page.content.decode())


def test_others_are_offered_no_parties_and_narrow_nothing(
    ecosystem: World, browser: Browser
) -> None:
    oem, other = ecosystem.oems
    client = browser(oem)
    for path in ("/audit/", "/vehicles/", "/issued-certificates/"):
        page = client.get(path).content.decode()
        assert str(other.organization.uuid) not in page
    for query in (
        f"?oem={other.organization.uuid}",
        f"?root={ecosystem.operator.organization.uuid}",
    ):
        assert listed(client, f"/vehicles/{query}") == oem.organization.vehicles.count()
    trail = client.get(f"/audit/?organization={other.organization.uuid}").context["cl"].queryset
    assert {event.organization_id for event in trail} == {oem.organization.pk}
