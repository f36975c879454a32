"""A mobility operator's person: look-up, a contract from PCID to receipt, lists, renewal, end."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from tests.browser.visitor import Visitor

MIA = "mia@chargewell.example"
FREE = "BRLDEMO0000000004"
LISTED = ("AURDEMO0000000006", "AURDEMO0000000007")
NEXT_YEAR = date.today() + timedelta(days=365)  # noqa: DTZ011  the day that a person types


def _to_the_last_step(visitor: Visitor, pcid: str) -> None:
    page = visitor.page
    visitor.go("/conclude/")
    page.fill("[name=pcid]", pcid.lower())
    expect(page.locator("#vehicle-found")).to_contain_text("Borealis Cars")
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("[name=emaid]")).to_have_value(re.compile("DE.?CWL.*"))
    page.get_by_role("button", name="Next").last.click()
    page.fill("[name=ends]", NEXT_YEAR.isoformat())
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("main")).to_contain_text("Is everything right?")


def test_a_contract_is_concluded_from_the_pcid_to_the_receipt(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Vehicle look-up").first.click()
    page.fill("[name=pcid]", FREE)
    page.get_by_role("button", name="Look up").click()
    expect(page.locator("main")).to_contain_text("Borealis Cars")
    assert examine(visitor) == []

    visitor.go("/conclude/")
    page.fill("[name=pcid]", "BRLDEMO")
    expect(page.locator("#pcid-answer")).to_contain_text("7 characters of")
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("[name=pcid]")).to_have_value("BRLDEMO")
    expect(page.locator("#id_pcid_error")).to_be_visible()
    assert examine(visitor) == []

    _to_the_last_step(visitor, FREE)
    show(visitor, "mo-conclude")
    assert examine(visitor) == []
    page.get_by_role("button", name="Conclude contract").click()
    expect(page.locator("[name=confirmed]")).to_be_visible()
    assert "/confirm/" in page.url
    page.check("[name=confirmed]")
    page.get_by_role("button", name="Conclude contract").click()
    expect(page.locator("main")).to_contain_text("The contract is concluded.")
    assert examine(visitor) == []
    show(visitor, "mo-concluded")
    page.get_by_role("link", name="Receipt for the customer").click()
    expect(page.locator("main")).to_contain_text("Your Plug & Charge contract")
    expect(page.locator("main")).to_contain_text(FREE)
    show(visitor, "mo-receipt")


def test_a_double_press_and_a_second_window_conclude_once(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    _to_the_last_step(visitor, FREE)
    emaid = page.locator("main").get_by_text(re.compile("DE-?CWL")).first.inner_text()
    second = page.context.new_page()
    second.goto(page.url)
    for window in (page, second):
        window.check("[name=confirmed]")
    page.get_by_role("button", name="Conclude contract").dblclick()
    second.get_by_role("button", name="Conclude contract").click()
    for window in (page, second):
        expect(window.locator("main")).to_contain_text("The contract is concluded.")
    assert second.url == page.url
    visitor.go(f"/contracts/?q={emaid.replace('-', '')}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_list_of_contracts_is_checked_and_concluded(enter: Enter) -> None:
    rows = [f"{pcid},{NEXT_YEAR:%Y-%m-%d}" for pcid in (*LISTED, "AURDEMO999")]
    file = {
        "name": "list.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(("pcid,ends", *rows)).encode(),
    }
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/contract-lists/")
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Check the list").click()
    expect(page.locator("main")).to_contain_text("This is a dry run.")
    expect(page.locator("main")).to_contain_text("1 row needs a repair")
    show(visitor, "mo-list")
    assert examine(visitor) == []
    page.get_by_role("button", name="Conclude 2 contracts").click()
    expect(page.locator("#job-status")).to_contain_text("Finished")
    visitor.go(f"/contracts/?q={LISTED[0]}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_contract_is_renewed_and_ended(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/contracts/2/")
    emaid = page.locator(".pp-head__title").inner_text()
    page.get_by_role("link", name="Renew now").click()
    page.locator(".pp-decision [type=submit]").click()
    page.wait_for_url("**/contracts/2/")
    page.get_by_role("link", name="End this contract").click()
    page.fill("#id_reason", "The customer moved")
    page.fill("#id_typed", emaid)
    assert examine(visitor) == []
    page.locator(".pp-decision [type=submit]").click()
    page.wait_for_url("**/contracts/2/")
    expect(page.locator(".pp-head")).to_contain_text("Ended")
    show(visitor, "mo-contract-ended")
