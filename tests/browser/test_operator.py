"""The operator's people: a root by two persons, and the pages that watch."""

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from tests.factories import pki, trust
from v2g.pki.pem import pem
from v2g.pki.profiles import Branch

ANNA, BEN = "anna@operator.example", "ben@operator.example"


def test_a_root_is_submitted_by_one_person_and_confirmed_by_another(enter: Enter) -> None:
    root = pki.make_root(Branch.OEM, at=trust.now()).certificate
    told = root.fingerprint.hex(":").upper()
    anna = enter(ANNA)
    anna.go("/roots/")
    anna.page.get_by_role("link", name="Submit a root").click()
    anna.page.select_option("#id_root_type", "OEM")
    anna.page.fill("#id_pasted", "no certificate at all")
    anna.page.get_by_role("button", name="Submit").click()
    expect(anna.page.locator("#id_pasted_error")).to_be_visible()
    assert examine(anna) == []
    anna.page.fill("#id_pasted", pem([root]).decode())
    anna.page.get_by_role("button", name="Submit").click()
    expect(anna.page.locator("main")).to_contain_text("Another person of your organisation")
    assert anna.page.get_by_role("button", name="Trust this root").count() == 0
    address = anna.path

    ben = enter(BEN)
    ben.go(address)
    ben.page.fill("[name=fingerprint]", "00" * 32)
    ben.page.get_by_role("button", name="Trust this root").click()
    expect(ben.page.locator("#id_fingerprint_error")).to_be_visible()
    assert examine(ben) == []
    show(ben, "operator-root")
    ben.page.fill("[name=fingerprint]", told)
    ben.page.get_by_role("button", name="Trust this root").click()
    expect(ben.page.locator(".pp-head")).to_contain_text("Trusted")


def test_the_operator_watches_organisations_and_the_trail(enter: Enter) -> None:
    visitor = enter(ANNA)
    page = visitor.page
    visitor.go("/")
    show(visitor, "operator-dashboard")
    page.get_by_role("link", name="Organisations").first.click()
    page.get_by_role("link", name="Chargewell").click()
    expect(page.locator("main")).to_contain_text("DECWL")
    show(visitor, "operator-organisation")
    visitor.go("/audit/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("main")).to_contain_text("Action")
