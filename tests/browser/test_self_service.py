"""What each organisation keeps itself: API clients and webhooks."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show

MIA, EMIL = "mia@chargewell.example", "emil@chargewell.example"


def test_the_secret_of_an_api_client_is_shown_once(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/api-clients/")
    page.get_by_role("link", name="Create an API client").click()
    page.fill("#id_name", "   ")
    page.check("#id_roles_0")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#id_name_error")).to_be_visible()
    expect(page.locator("#id_roles_0")).to_be_checked()
    page.fill("#id_name", "Billing backend")
    page.get_by_role("button", name="Create").dblclick()
    expect(page.locator("main")).to_contain_text("This is shown once.")
    secret = page.locator(".pp-facts .pp-code").last.inner_text().split()[0]
    assert len(secret) >= 32
    assert examine(visitor) == []
    show(visitor, "api-client-secret")
    page.get_by_role("link", name="I have kept it").click()
    expect(page.locator(".pp-head__title")).to_have_text("Billing backend")
    assert secret not in page.content()
    visitor.go("/api-clients/")
    expect(page.get_by_role("link", name="Billing backend")).to_have_count(1)


def test_a_webhook_is_registered_and_tested(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/webhooks/register/")
    page.fill("#id_url", "http://10.0.0.1/inside")
    page.check("#id_events_0")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("#id_url_error")).to_be_visible()
    expect(page.locator("#id_url")).to_have_value("http://10.0.0.1/inside")
    expect(page.locator("#id_events_0")).to_be_checked()
    assert examine(visitor) == []
    page.fill("#id_url", "https://hooks.example.org/plugpool")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("main")).to_contain_text("https://hooks.example.org/")
    show(visitor, "webhook")
    assert examine(visitor) == []


def test_an_editor_manages_neither_people_nor_clients(enter: Enter) -> None:
    visitor = enter(EMIL)
    visitor.go("/members/")
    expect(visitor.page.get_by_role("link", name=re.compile("Invite"))).to_have_count(0)
    assert visitor.go("/api-clients/create/") == 403
    assert examine(visitor) == []
