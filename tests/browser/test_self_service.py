"""What each organisation keeps itself: API clients with their secrets, and its people."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show

MIA, EMIL, OLGA = "mia@chargewell.example", "emil@chargewell.example", "olga@borealis.example"


def test_the_secret_of_an_api_client_is_shown_once_and_changed_over_to_a_second(
    enter: Enter,
) -> None:
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

    page.get_by_role("link", name="Add a second secret").click()
    page.get_by_role("button", name="Add a second secret").dblclick()
    expect(page.locator("main")).to_contain_text("The older secret is valid as well for now.")
    second = page.locator(".pp-facts .pp-code").last.inner_text().split()[0]
    assert second != secret
    page.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_role("link", name="Add a second secret")).to_have_count(0)
    show(visitor, "api-client")
    page.get_by_role("link", name="Retire the older secret").click()
    page.get_by_role("button", name="Retire the older secret").dblclick()
    expect(page.locator("main")).to_contain_text("The older secret of Billing backend was retired.")
    assert second not in page.content()
    visitor.go("/api-clients/")
    expect(page.get_by_role("link", name="Billing backend")).to_have_count(1)


def test_somebody_is_invited_sets_a_password_and_is_given_another_right(enter: Enter) -> None:
    visitor = enter(OLGA)
    page = visitor.page
    visitor.go("/members/")
    page.get_by_role("link", name="Invite somebody").first.click()
    page.fill("#id_email", "not an address")
    page.fill("#id_name", "Nils Newcomer")
    page.check("#id_right_1")
    page.evaluate("document.querySelectorAll('main form').forEach(one => one.noValidate = true)")
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("#id_email_error")).to_be_visible()
    expect(page.locator("#id_name")).to_have_value("Nils Newcomer")
    expect(page.locator("#id_right_1")).to_be_checked()
    assert examine(visitor) == []
    page.fill("#id_email", "nils@borealis.example")
    page.get_by_role("button", name="Invite").dblclick()
    expect(page.locator("main")).to_contain_text("This is shown once.")
    link = page.locator(".pp-facts .pp-code").last.inner_text().split()[0]
    show(visitor, "member-invited")

    newcomer = enter()
    newcomer.page.goto(link)
    for name in ("password1", "password2"):
        newcomer.page.fill(f"[name=new_{name}]", "a long way to the pool")
    assert examine(newcomer) == []
    newcomer.page.locator("main [type=submit]").last.click()
    newcomer.log_in("nils@borealis.example", "a long way to the pool")
    newcomer.go("/vehicles/")
    expect(newcomer.page.locator("#result_list")).to_contain_text("BRLDEMO")

    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("link", name="Change the right").click()
    page.check("#id_right_0")
    page.get_by_role("button", name="Change the right").dblclick()
    expect(page.locator("main")).to_contain_text("was changed. It holds at once.")
    assert newcomer.go("/upload/") == 403


def test_an_editor_manages_neither_people_nor_clients(enter: Enter) -> None:
    visitor = enter(EMIL)
    visitor.go("/members/")
    expect(visitor.page.get_by_role("link", name=re.compile("Invite"))).to_have_count(0)
    assert visitor.go("/api-clients/create/") == 403
    assert examine(visitor) == []
