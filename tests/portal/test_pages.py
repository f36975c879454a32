"""What the pages say: dashboards of each role, lists, details, and the errors in between."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.actor import Right, system
from apps.core.web import paging
from apps.core.web.paging import CappedPaginator, capped_count
from apps.participants import services
from apps.pki.models import IssuedCertificate
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.models import RootCertificate
from tests.factories import trust
from tests.portal import world
from tests.portal.conftest import Browser
from tests.portal.test_isolation import address as page_of
from tests.portal.world import World

VEHICLES = "/vehicles/"
CONTRACTS = "/contracts/"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize(
    ("group", "labels", "hidden"),
    [
        ("oems", ["Car maker", "Vehicles", "Expired", "Trusted roots"], "Running contracts"),
        ("mos", ["Mobility operator", "Running contracts", "End within 60 days"], "Vehicles</"),
        ("cpos", ["Charge point operator", "Deliveries", "Refused requests"], "Contracts</"),
    ],
)
def test_each_role_has_its_own_dashboard_and_menu(
    ecosystem: World, browser: Browser, group: str, labels: list[str], hidden: str
) -> None:
    page = text(browser(getattr(ecosystem, group)[0]), "/")
    for label in labels:
        assert label in page
    assert hidden not in page
    assert "Authorities" not in page


def test_the_operators_dashboard_leads_to_every_list(ecosystem: World, browser: Browser) -> None:
    client = browser(ecosystem.operator)
    page = text(client, "/")
    for model in admin.site._registry:
        assert reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") in page
    assert page.count('class="pp-kpi"') == 4


def test_every_number_of_a_dashboard_links_to_a_list_with_as_many_rows(
    ecosystem: World, browser: Browser
) -> None:
    from apps.core.web.membership import Choice, Membership
    from apps.participants import selectors
    from apps.portal.dashboard import dashboard

    for party in ecosystem.parties:
        actor = selectors.actor_of_member(user=party.user, organization=party.organization)
        choice = Choice(key=str(party.organization.uuid), name=party.organization.name)
        for kpi in dashboard(Membership(actor=actor, organization=choice)).kpis:
            answer = browser(party).get(kpi.href)
            assert answer.status_code == 200
            assert str(answer.context["cl"].result_count) == kpi.value, (party, kpi)


def test_a_waiting_root_is_announced_to_the_operator_alone(
    ecosystem: World, browser: Browser
) -> None:
    RootCertificate.objects.filter(pk=ecosystem.shared[RootCertificate].pk).update(
        state=RootCertificate.State.SUBMITTED
    )
    sentence = "1 root waits for the second person."
    assert sentence in text(browser(ecosystem.operator), "/")
    assert sentence not in text(browser(ecosystem.oems[0]), "/")


def test_who_approved_a_root_is_told_to_the_operator_alone(
    ecosystem: World, browser: Browser
) -> None:
    path = f"/roots/{ecosystem.shared[RootCertificate].uuid}/"
    assert "Four eyes" in text(browser(ecosystem.operator), path)
    assert "Four eyes" not in text(browser(ecosystem.mos[0]), path)


def test_a_vehicle_shows_its_chain_up_to_the_root_and_the_record_of_checks(
    ecosystem: World, browser: Browser
) -> None:
    vehicle = ecosystem.oems[0].rows[ProvisioningCertificate]
    page = text(browser(ecosystem.oems[0]), f"{VEHICLES}{vehicle.pcid}/")
    places = [
        page.index(f">{name}<") for name in ("Test OEM root", "Test OEM Sub1", "Test OEM Sub2")
    ]
    assert places == sorted(places)
    assert 'aria-current="true"' in page
    assert "Revocation: vehicle certificate" in page
    assert "Not on the revocation list of its issuer." in page
    fingerprint = bytes(vehicle.fingerprint).hex(":").upper()
    assert f'data-copy="{fingerprint}"' in page


def test_the_history_of_a_vehicle_holds_what_was_done_to_it_and_nothing_else(
    ecosystem: World, browser: Browser
) -> None:
    oem = ecosystem.oems[0]
    page = text(browser(oem), f"{VEHICLES}{oem.rows[ProvisioningCertificate].pcid}/")
    history = page[page.index('id="panel-history"') :]
    assert history.count("Provisioning certificate published") == 1
    assert "Settings changed" not in history


def test_a_contract_shows_its_data_for_each_root(ecosystem: World, browser: Browser) -> None:
    mo = ecosystem.mos[0]
    page = text(browser(mo), f"{CONTRACTS}{mo.rows[Contract].pk}/")
    assert f"/contract-data/{mo.rows[ContractData].pk}/" in page
    assert "Current V2G Root" in page


def test_contract_data_shows_the_certificate_that_stands_in_the_bundle(
    ecosystem: World, browser: Browser
) -> None:
    mo = ecosystem.mos[0]
    data = mo.rows[ContractData]
    page = text(browser(mo), f"/contract-data/{data.pk}/")
    assert bytes(data.certificate_fingerprint).hex(":").upper() in page
    assert "Test MO Sub2" in page


def test_a_bundle_that_cannot_be_read_still_has_its_page(
    ecosystem: World, browser: Browser
) -> None:
    mo = ecosystem.mos[0]
    ContractData.objects.filter(pk=mo.rows[ContractData].pk).update(exi=b"\x80\x98")
    page = text(browser(mo), f"/contract-data/{mo.rows[ContractData].pk}/")
    assert "Signed bundle" in page


def test_a_certificate_that_cannot_be_read_still_has_its_page(
    ecosystem: World, browser: Browser
) -> None:
    found = ecosystem.cpos[0].rows[IssuedCertificate]
    IssuedCertificate.objects.filter(pk=found.pk).update(der=b"\x30\x00")
    page = text(browser(ecosystem.cpos[0]), f"/issued-certificates/{found.pk}/")
    assert "Not readable" in page


def test_an_order_that_was_never_signed_shows_only_the_order(
    ecosystem: World, browser: Browser
) -> None:
    found = ecosystem.cpos[0].rows[IssuedCertificate]
    IssuedCertificate.objects.filter(pk=found.pk).update(
        der=None, fingerprint=None, state=IssuedCertificate.State.INTENDED
    )
    page = text(browser(ecosystem.cpos[0]), f"/issued-certificates/{found.pk}/")
    assert "Ordered" in page
    assert "Certificate chain" not in page


def test_pcids_and_emaids_are_found_as_people_write_them(
    ecosystem: World, browser: Browser
) -> None:
    mo = ecosystem.mos[0]
    for typed in ("deaaac", "DE-AAA-CABC", "de*aaa*cabc", "wvw 0000"):
        listed = browser(mo).get(CONTRACTS, {"q": typed})
        assert listed.context["cl"].result_count == 1, typed
    assert browser(mo).get(CONTRACTS, {"q": "AAAC"}).context["cl"].result_count == 0


def test_filters_by_end_and_by_period_take_what_lies_between(
    ecosystem: World, browser: Browser
) -> None:
    oem, cpo = ecosystem.oems[0], ecosystem.cpos[0]
    now = trust.now()
    base = oem.rows[ProvisioningCertificate]
    ends = {"expired": -timedelta(days=1), "soon": timedelta(days=59), "later": timedelta(days=61)}
    for name, distance in ends.items():
        ProvisioningCertificate.objects.filter(pk=base.pk).update(not_after=now + distance)
        found = [
            option
            for option in ends
            if browser(oem).get(VEHICLES, {"ends": option}).context["cl"].result_count
        ]
        assert found == [name]
    Delivery.objects.filter(organization=cpo.organization).delete()
    world.delivery(cpo.organization, at=now.replace(hour=23, minute=59))
    day = now.date()
    for first, last, count in (
        (day, day, 1),
        (day + timedelta(days=1), day + timedelta(days=2), 0),
        (day - timedelta(days=2), day - timedelta(days=1), 0),
    ):
        answer = browser(cpo).get("/deliveries/", {"from": str(first), "to": str(last)})
        assert answer.context["cl"].result_count == count


@pytest.mark.usefixtures("db")
def test_counting_and_paging_stop_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 3)
    organization = trust.operator()
    for _ in range(5):
        world.delivery(organization)
    rows = Delivery.objects.order_by("pk")
    assert capped_count(rows) == 4
    paginator = CappedPaginator(rows, 2)
    assert (paginator.is_capped, paginator.num_pages) == (True, 2)
    assert CappedPaginator(rows.none(), 2).num_pages == 1


def test_an_empty_list_says_what_comes_here_and_a_search_without_result_how_to_go_on(
    ecosystem: World, browser: Browser
) -> None:
    client = browser(ecosystem.oems[0])
    ProvisioningCertificate.objects.all().delete()
    assert "that the OEM backend publishes appear here" in text(client, VEHICLES)
    searched = text(client, f"{VEHICLES}?q=<b>zzz")
    assert "No row starts with «&lt;b&gt;zzz»." in searched


def test_text_of_parties_is_escaped_and_reaches_no_script(
    ecosystem: World, browser: Browser
) -> None:
    evil = "\"><script>alert(1)</script>'+{{7*7}}"
    oem = ecosystem.oems[0]
    type(oem.organization).objects.filter(pk=oem.organization.pk).update(name=evil)
    for path in ("/", "/organizations/", address(oem.organization)):
        page = text(browser(oem), path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def address(row: Any) -> str:
    return f"/organizations/{row.uuid}/"


def test_the_secret_of_an_api_client_is_on_no_page(ecosystem: World, browser: Browser) -> None:
    for party in (ecosystem.operator, ecosystem.mos[0]):
        for client in party.organization.clients.all():
            page = text(browser(party), f"/api-clients/{client.client_id}/")
            assert client.client_secret not in page


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/no/such/page", 404, "There is no such page"),
        ("/authorities/", 403, "This is not open to you"),
        (f"{VEHICLES}?namespace__startswith=u", 400, "This request cannot be understood"),
    ],
)
def test_errors_have_the_portals_look(
    ecosystem: World, browser: Browser, path: str, status: int, sentence: str
) -> None:
    answer = browser(ecosystem.oems[0]).get(path)
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert "portal/portal.css" in answer.content.decode()


def test_a_chain_shows_how_much_of_each_validity_has_passed(
    ecosystem: World, browser: Browser
) -> None:
    party = ecosystem.oems[0]
    page = browser(party).get(page_of(party.rows[ProvisioningCertificate])).content.decode()
    bars = re.findall(r"--pp-passed: (\d+)%", page)
    assert len(bars) == 4
    assert all(0 <= int(passed) <= 100 for passed in bars)


def test_a_dashboard_leads_to_what_its_role_comes_for(ecosystem: World, browser: Browser) -> None:
    oem, mo, cpo = (parties[0] for parties in (ecosystem.oems, ecosystem.mos, ecosystem.cpos))
    for party in (oem, mo):
        services.set_member_right(
            actor=system("test"),
            organization=party.organization,
            user=party.user,
            right=Right.EDITOR,
        )
    shown = [one.url for one in browser(oem).get("/").context["dashboard"].actions]
    assert shown == ["admin:oem_upload"]
    shown = [one.url for one in browser(mo).get("/").context["dashboard"].actions]
    assert shown == ["admin:mo_conclude", "admin:mo_list"]
    assert browser(cpo).get("/").context["dashboard"].actions == []


def test_the_weeks_ahead_count_what_ends_in_each_for_its_owner(
    ecosystem: World, browser: Browser
) -> None:
    oem, other = (party.rows[ProvisioningCertificate] for party in ecosystem.oems)
    later = timezone.now() + timedelta(days=10)
    vehicles = ProvisioningCertificate.objects.filter(pk__in=[oem.pk, other.pk])
    vehicles.update(not_after=later)
    (timeline,) = browser(ecosystem.oems[0]).get("/").context["dashboard"].wide
    assert [week.total for week in timeline.slots] == [0, 1, *[0] * 10]
    vehicles.filter(pk=oem.pk).update(not_after=later - timedelta(days=30))
    assert "Nothing ends in the next 12 weeks." in text(browser(ecosystem.oems[0]), "/")
