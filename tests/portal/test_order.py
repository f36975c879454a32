"""Lists run in the order that their index serves, and in its reverse."""

import re
from datetime import timedelta

from apps.audit.models import AuditEvent
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.portal.conftest import Browser
from tests.portal.test_isolation import list_of
from tests.portal.world import World


def _order(browser: Browser, ecosystem: World, query: str = "") -> list[int]:
    page = browser(ecosystem.operator).get(list_of(AuditEvent) + query)
    return [event.pk for event in page.context["cl"].result_list]


def test_the_column_of_the_order_turns_it_round(ecosystem: World, browser: Browser) -> None:
    newest_first = _order(browser, ecosystem)
    assert newest_first == sorted(newest_first, reverse=True)
    page = browser(ecosystem.operator).get(list_of(AuditEvent)).content.decode()
    (link,) = re.findall(r'class="pp-sort"\s+href="([^"]+)"', page)
    turned = _order(browser, ecosystem, link)
    assert turned == sorted(turned)
    back = browser(ecosystem.operator).get(list_of(AuditEvent) + link).content.decode()
    (link,) = re.findall(r'class="pp-sort"\s+href="([^"]+)"', back)
    assert _order(browser, ecosystem, link) == newest_first


def test_a_column_says_how_it_is_sorted(ecosystem: World, browser: Browser) -> None:
    page = browser(ecosystem.operator).get(list_of(AuditEvent)).content.decode()
    assert page.count('aria-sort="descending"') == 1
    turned = browser(ecosystem.operator).get(list_of(AuditEvent) + "?o=0").content.decode()
    assert turned.count('aria-sort="ascending"') == 1


def test_vehicles_run_by_the_end_of_their_certificate(ecosystem: World, browser: Browser) -> None:
    party = ecosystem.oems[0]
    vehicle = party.rows[ProvisioningCertificate]
    later = vehicle.not_after + timedelta(days=1)
    other = ecosystem.oems[1].rows[ProvisioningCertificate]
    ProvisioningCertificate.objects.filter(pk=other.pk).update(
        owner=party.organization, not_after=later
    )
    client = browser(party)
    address = list_of(ProvisioningCertificate)
    shown = [row.pk for row in client.get(address).context["cl"].result_list]
    assert shown == [other.pk, vehicle.pk]
    column = list(client.get(address).context["cl"].list_display).index("ends")
    turned = client.get(f"{address}?o={column}").context["cl"].result_list
    assert [row.pk for row in turned] == [vehicle.pk, other.pk]
