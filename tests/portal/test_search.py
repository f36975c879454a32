"""The search of the portal: own rows by what people have at hand, and nobody else's."""

import pytest
from django.test import Client

from apps.contract_pool.models import Contract
from apps.pki.models import IssuedCertificate
from apps.portal import search
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.portal.conftest import Browser
from tests.portal.test_isolation import address
from tests.portal.world import Party, World

PAGE = "/search/"


def _found(browser: Browser, party: Party, term: str) -> str:
    answer = browser(party).get(PAGE, {"s": term}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_prefix_finds_own_rows_alone(ecosystem: World, browser: Browser) -> None:
    for model, parties, field in (
        (ProvisioningCertificate, ecosystem.oems, "pcid"),
        (Contract, ecosystem.mos, "emaid"),
    ):
        own, other = (party.rows[model] for party in parties)
        text = _found(browser, parties[0], str(getattr(own, field))[:12])
        assert f'href="{address(own)}"' in text
        foreign = _found(browser, parties[0], getattr(other, field))
        assert f'href="{address(other)}"' not in foreign


def test_a_whole_pcid_leads_a_provider_to_the_look_up(ecosystem: World, browser: Browser) -> None:
    pcid = ecosystem.oems[0].rows[ProvisioningCertificate].pcid
    mo, way = browser(ecosystem.mos[0]), f'href="/vehicle-look-up/?pcid={pcid}"'
    assert way in _found(browser, ecosystem.mos[0], f"{pcid[:3]}-{pcid[3:]}".lower())
    assert way not in _found(browser, ecosystem.mos[0], pcid[:12])
    assert way not in _found(browser, ecosystem.oems[1], pcid)
    unknown = _found(browser, ecosystem.mos[0], "ZZZ99999999999999")
    assert 'href="/vehicle-look-up/?pcid=ZZZ99999999999999"' in unknown
    page = mo.get("/vehicle-look-up/", {"pcid": pcid}).content.decode()
    assert f'value="{pcid}"' in page
    assert "Vehicle found" not in page


def test_a_whole_emaid_leads_a_car_maker_to_its_own_vehicle(
    ecosystem: World, browser: Browser
) -> None:
    contract = next(
        found
        for mo in ecosystem.mos
        if (found := mo.rows[Contract]).pcid == ecosystem.oems[0].rows[ProvisioningCertificate].pcid
    )
    way = f'href="/vehicles/{contract.pcid}/"'
    assert way in _found(browser, ecosystem.oems[0], contract.emaid)
    assert way not in _found(browser, ecosystem.oems[0], contract.emaid[:12])
    assert way not in _found(browser, ecosystem.oems[1], contract.emaid)


def test_what_people_work_with_comes_before_its_records(ecosystem: World, browser: Browser) -> None:
    party = ecosystem.oems[0]
    vehicle = party.rows[ProvisioningCertificate]
    page = _found(browser, party, vehicle.pcid)
    assert page.index(f'href="{address(vehicle)}"') < page.index('href="/audit/')


def test_separators_and_small_letters_do_not_matter(ecosystem: World, browser: Browser) -> None:
    contract = ecosystem.mos[0].rows[Contract]
    typed = f"{contract.emaid[:2]}-{contract.emaid[2:5]}-{contract.emaid[5:]}".lower()
    assert f'href="{address(contract)}"' in _found(browser, ecosystem.mos[0], typed)


@pytest.mark.parametrize("field", ["fingerprint", "serial"])
def test_octets_are_found_as_people_copy_them(
    ecosystem: World, browser: Browser, field: str
) -> None:
    party = next(one for one in ecosystem.parties if IssuedCertificate in one.rows)
    issued = party.rows[IssuedCertificate]
    typed = bytes(getattr(issued, field)).hex(":").upper()
    assert f'href="{address(issued)}"' in _found(browser, party, typed)
    for other in ecosystem.parties:
        if other not in (party, ecosystem.operator):
            assert f'href="{address(issued)}"' not in _found(browser, other, typed)


def test_pages_are_found_by_a_part_of_their_name(ecosystem: World, browser: Browser) -> None:
    assert 'href="/roots/"' in _found(browser, ecosystem.oems[0], "certif")
    assert 'href="/authorities/"' not in _found(browser, ecosystem.oems[0], "author")
    assert 'href="/authorities/"' in _found(browser, ecosystem.operator, "author")


@pytest.mark.parametrize("term", ["", "WV", "   ab  "])
def test_less_than_three_characters_search_nothing(
    ecosystem: World, browser: Browser, term: str
) -> None:
    text = _found(browser, ecosystem.operator, term)
    assert "at least 3 characters" in text
    assert "href" not in text


def test_what_is_not_found_says_what_to_do(ecosystem: World, browser: Browser) -> None:
    text = _found(browser, ecosystem.operator, "<b>zzzz</b>")
    assert "Check the spelling" in text
    assert "<b>" not in text


def test_searches_are_limited(
    ecosystem: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PER_MINUTE", 2)
    for _ in range(2):
        assert "Too many" not in _found(browser, ecosystem.operator, "certif")
    assert "Too many" in _found(browser, ecosystem.operator, "certif")


def test_strangers_search_nothing(ecosystem: World, client: Client) -> None:
    assert client.get(PAGE, {"s": "certif"}).status_code == 302


def test_every_page_offers_the_search(ecosystem: World, browser: Browser) -> None:
    text = browser(ecosystem.oems[0]).get("/").content.decode()
    assert "data-open-search" in text
    assert 'id="search"' in text
