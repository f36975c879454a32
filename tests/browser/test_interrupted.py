"""Sessions that end in mid-flow, the back button, second windows: nothing lost, nothing twice."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect
from pytest_django import Settings

from apps.demo.lifecycle.server import Server
from tests.browser import vehicles
from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from tests.browser.visitor import Visitor
from tests.factories import pki, trust
from tests.pki.enrolment import csr
from v2g.pki.pem import pem
from v2g.pki.profiles import Branch

ANNA, CORA = "anna@operator.example", "cora@evergreen.example"
MIA, OTTO = "mia@chargewell.example", "otto@aurora.example"


@pytest.fixture
def back(passwords: dict[str, str]) -> Any:
    """Presses a button in a window whose session has ended, and logs in again."""

    def pressing(visitor: Visitor, username: str, button: str) -> None:
        page = visitor.page
        visitor.context.clear_cookies(name="sessionid")
        page.get_by_role("button", name=button).last.click()
        page.wait_for_url("**/login/**")
        visitor.log_in(username, passwords[username])

    return pressing


def _file(settings: Settings, site: Server) -> tuple[str, Any]:
    made = vehicles.make(settings, site.folder)
    octets = pem(made.chain[:1])
    return made.pcid, {"name": "car.pem", "mimeType": "application/x-pem-file", "buffer": octets}


def test_a_pcid_that_was_typed_is_there_again_after_the_log_in(enter: Enter, back: Any) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/conclude/")
    address = visitor.path
    page.fill("[name=pcid]", "AURDEMO0000000001")
    expect(page.locator("#vehicle-found")).to_contain_text("Aurora Motors")
    back(visitor, MIA, "Next")
    page.wait_for_url(f"**{address}")
    expect(page.locator("[name=pcid]")).to_have_value("AURDEMO0000000001")


def test_what_was_pressed_in_one_window_is_not_done_again_in_another(enter: Enter) -> None:
    first, second = enter(MIA), enter(MIA)
    for visitor in (first, second):
        visitor.go("/contracts/3/renew/")
    first.page.locator(".pp-decision [type=submit]").click()
    expect(first.page.locator("main")).to_contain_text("is renewed.")
    second.page.locator(".pp-decision [type=submit]").click()
    expect(second.page.locator("main")).to_contain_text("was renewed meanwhile")
    assert examine(second) == []


def test_going_back_in_a_flow_keeps_what_was_entered(enter: Enter) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/conclude/")
    page.fill("[name=pcid]", "BRLDEMO0000000005")
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("[name=emaid]")).not_to_have_value("")
    proposed = page.locator("[name=emaid]").input_value()
    page.go_back()
    expect(page.locator("[name=pcid]")).to_have_value("BRLDEMO0000000005")
    page.get_by_role("button", name="Next").last.click()
    expect(page.locator("[name=emaid]")).to_have_value(proposed)


def test_why_a_contract_ends_is_there_again_after_the_log_in(enter: Enter, back: Any) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/contracts/4/end/")
    page.fill("#id_reason", "The customer moved to Graz")
    page.fill("#id_typed", "DE000")
    back(visitor, MIA, "End this contract")
    expect(page.locator("main").get_by_role("status")).to_contain_text("You were logged out")
    expect(page.locator("#id_reason")).to_have_value("The customer moved to Graz")
    expect(page.locator("#id_typed")).to_have_value("DE000")
    assert examine(visitor) == []
    show(visitor, "rescued")
    visitor.go("/contracts/4/end/")
    expect(page.locator("#id_reason")).to_have_value("")


def test_a_root_that_was_pasted_is_there_again_after_the_log_in(enter: Enter, back: Any) -> None:
    root = pem([pki.make_root(Branch.MO, at=trust.now()).certificate]).decode()
    visitor = enter(ANNA)
    page = visitor.page
    visitor.go("/roots/submit/")
    page.select_option("#id_root_type", "MO")
    page.fill("#id_pasted", root)
    back(visitor, ANNA, "Submit")
    expect(page.locator("#id_root_type")).to_have_value("MO")
    expect(page.locator("#id_pasted")).to_have_value(root)
    page.get_by_role("button", name="Submit").dblclick()
    expect(page.locator("main")).to_contain_text("Another person of your organisation")


def test_what_one_person_typed_is_not_shown_to_another(
    enter: Enter, passwords: dict[str, str]
) -> None:
    visitor = enter(MIA)
    page = visitor.page
    visitor.go("/api-clients/create/")
    page.fill("#id_name", "Secret plans")
    page.check("#id_roles_0")
    visitor.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/login/**")
    visitor.log_in(OTTO, passwords[OTTO])
    expect(page).to_have_url(f"{visitor.base}/api-clients/create/")
    expect(page.locator("#id_name")).to_have_value("")


def test_a_request_that_met_the_log_in_is_there_again_and_was_not_ordered(
    enter: Enter, back: Any
) -> None:
    name = "DE*EVG*EWALK*3"
    visitor = enter(CORA)
    page = visitor.page
    visitor.go("/request-certificate/")
    page.fill("#id_pasted", csr(name, form=Encoding.PEM).decode())
    page.get_by_role("button", name="Check the request").click()
    back(visitor, CORA, "Request the certificate")
    expect(page.locator("#id_pasted")).not_to_have_value("")
    page.get_by_role("button", name="Check the request").click()
    expect(page.locator("main")).to_contain_text("This is a dry run.")
    visitor.go(f"/issued-certificates/?q={name}")
    expect(page.locator("#result_list tbody tr")).to_have_count(0)


def test_files_are_chosen_again_after_the_log_in_and_the_page_says_so(
    enter: Enter, back: Any, site: Server, settings: Settings
) -> None:
    pcid, file = _file(settings, site)
    visitor = enter(OTTO)
    page = visitor.page
    visitor.go("/upload/")
    page.set_input_files("input[type=file]", file)
    back(visitor, OTTO, "Check files")
    expect(page.locator("main").get_by_role("status").first).to_contain_text("choose files")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Check files").dblclick()
    expect(page.locator("main")).to_contain_text(pcid)


def test_an_import_is_begun_once_however_often_its_page_is_gone_back_to(
    enter: Enter, site: Server, settings: Settings
) -> None:
    pcid, file = _file(settings, site)
    visitor = enter(OTTO)
    page = visitor.page
    visitor.go("/upload/")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Check files").click()
    page.get_by_role("button", name="Import 1 certificate").dblclick()
    expect(page.locator("#job-status")).to_have_text("Finished.")
    job = visitor.path
    page.go_back()
    button = page.get_by_role("button", name="Import 1 certificate")
    if button.count():
        button.click()
    visitor.go("/jobs/")
    page.locator("#result_list tbody th a").first.click()
    assert visitor.path == job
    visitor.go(f"/vehicles/?q={pcid}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
