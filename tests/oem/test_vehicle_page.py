"""A car maker's page of a vehicle: what was fetched for it, renewal, and the card."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from apps.contract_pool.models import Contract, Delivery
from apps.core.actor import Right
from tests.factories import contracts, parties, trust
from tests.oem.conftest import Maker, browser
from v2g.ids import Pcid


@pytest.fixture
def world(db: None) -> contracts.World:
    cache.clear()
    made = contracts.world()
    made.generate()
    return made


@pytest.fixture
def owner(world: contracts.World) -> Client:
    return browser(parties.member(organization=world.vehicle.owner))


def path(pcid: Pcid | str, tail: str = "") -> str:
    return f"/vehicles/{pcid}/{tail}"


def test_deliveries_of_an_own_vehicle_are_shown_without_whose_charge_point_it_was(
    world: contracts.World, owner: Client
) -> None:
    contract = Contract.objects.get()
    Delivery.objects.create(
        way=Delivery.Way.INSTALLATION,
        outcome=Delivery.Outcome.DELIVERED,
        organization=parties.organization(name="Secret Charging", operator_ids=["DEXYZ"]),
        caller="secret-caller",
        pcid=str(world.vehicle.pcid),
        emaid_key=contract.emaid_key,
        at=trust.now(),
    )
    page = owner.get(path(world.vehicle.pcid)).content.decode()
    panel = page.split('id="panel-deliveries"')[1].split("</section>")[0]
    assert contract.emaid_key in panel
    assert "Delivered</span>" in panel
    assert "Secret Charging" not in page
    assert "secret-caller" not in page
    assert world.mo.organization.name not in page
    assert "Renew certificate" in page
    assert f"/upload/?pcid={world.vehicle.pcid}" in page


def test_a_vehicle_without_deliveries_says_so(maker: Maker) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    page = maker.client.get(path(vehicle.pcid)).content.decode()
    assert "Nothing was fetched for this vehicle yet." in page


def test_others_see_neither_deliveries_nor_buttons(maker: Maker) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    operator = browser(parties.member(organization=trust.operator()))
    page = operator.get(path(vehicle.pcid)).content.decode()
    assert "panel-deliveries" not in page
    assert "pcid-card" not in page
    viewer = maker.another(Right.VIEWER).get(path(vehicle.pcid)).content.decode()
    assert "panel-deliveries" in viewer
    assert "Renew certificate" not in viewer


@pytest.mark.parametrize(
    ("pcid", "groups", "digit"),
    [
        ("WVW1234567890ABCD", ["WVW", "1234", "5678", "90AB", "CD"], ""),
        ("WVW1234567890ABCDE", ["WVW", "1234", "5678", "90AB", "CD"], "E"),
    ],
)
def test_the_card_has_the_pcid_in_groups_and_as_a_picture(
    maker: Maker, pcid: str, groups: list[str], digit: str
) -> None:
    trust.published_vehicle(oem=maker.oem, owner=maker.organization, pcid_text=pcid)
    viewer = maker.another(Right.VIEWER)
    assert f"/pcid-card/{pcid}/" in viewer.get(path(pcid)).content.decode()
    answer = viewer.get(f"/pcid-card/{pcid}/")
    page = answer.content.decode()
    code = page.split("pp-pcid__code")[1].split("</p>")[0]
    assert re.findall(r"<span>(\w+)</span>", code) == groups
    assert ("pp-pcid__check" in code) == bool(digit)
    assert page.count('class="pp-pcid__qr"') == 1
    assert "<script>" not in page
    assert "style=" not in page.split('class="pp-pcid__qr"')[1].split("</svg>")[0]


def test_a_foreign_vehicle_has_no_card_and_none_is_asked_of_the_pool(
    maker: Maker, other: Maker
) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    foreign = other.client.get(f"/pcid-card/{vehicle.pcid}/")
    unknown = other.client.get("/pcid-card/WVW99999999999999/")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    operator = browser(parties.member(organization=trust.operator()))
    assert operator.get(f"/pcid-card/{vehicle.pcid}/").status_code == 403
