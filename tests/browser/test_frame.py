"""What holds around every page: search, theme, language, addresses that lead nowhere."""

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show

ANNA, MIA, OTTO = "anna@operator.example", "mia@chargewell.example", "otto@aurora.example"


def test_the_search_opens_by_key_and_is_walked_with_arrows(enter: Enter) -> None:
    visitor = enter(OTTO)
    page = visitor.page
    visitor.go("/")
    page.keyboard.press("/")
    expect(page.locator("#search-term")).to_be_focused()
    page.keyboard.type("AURDEMO00000000")
    options = page.locator("#search-results [role=option]")
    expect(options.nth(1)).to_be_visible()
    assert examine(visitor) == []
    show(visitor, "search")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    goal = options.nth(1).get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{goal}")

    page.keyboard.press("Control+k")
    expect(page.locator("#search-term")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_visible()


def test_the_chosen_theme_stays(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/")
    expect(page.locator("html.dark")).to_have_count(0)
    page.get_by_role("button", name="Mia Contract").click()
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html.dark")).to_have_count(1)
    visitor.go("/contracts/")
    expect(page.locator("html.dark")).to_have_count(1)


def test_a_person_switches_to_german_and_back(enter: Enter) -> None:
    visitor = enter()
    page = visitor.page
    visitor.go("/login/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert examine(visitor) == []
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_address_that_does_not_exist_says_what_to_do(enter: Enter) -> None:
    visitor = enter(MIA)
    assert visitor.go("/vehicles/AURDEMO0000000001/") in (403, 404)
    assert examine(visitor) == []
