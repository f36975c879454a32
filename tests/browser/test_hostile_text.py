"""Free text of a tenant that tries to run, on every page that shows it."""

import json
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.demo.lifecycle.server import PROJECT, Server
from tests.browser import crawl
from tests.browser.conftest import Enter
from tests.browser.hostile import EVALUATED, FILE, PASSWORD, PERSON, TEXT
from tests.browser.visitor import Visitor

ANNA = "anna@operator.example"
SHOWN = {
    "/",
    "/account/",
    "/api-clients/*/",
    "/jobs/*/",
    "/members/*/",
    "/organizations/*/",
    "/roots/*/",
    "/trust-store/",
    "/vehicles/*/",
    "/webhook-deliveries/*/",
    "/webhooks/*/",
}
LOOK = """evaluated => ({
    wrong: [
        document.documentElement.outerHTML.includes(evaluated),
        document.querySelector("img[src='/x'], img[src='x'], [onerror]") !== null,
    ].filter(Boolean),
    shown: document.body.innerText.includes("{{7*7}}"),
})"""


@pytest.fixture(scope="module")
def hostile(site: Server) -> list[str]:
    """Addresses of pages that no page links."""
    command = [sys.executable, "-m", "tests.browser.hostile"]
    done = subprocess.run(
        command, cwd=PROJECT, env=site.environment, check=True, stdout=subprocess.PIPE
    )
    (line,) = [one for one in done.stdout.splitlines() if one.startswith(b"{")]
    found: list[str] = json.loads(line)["addresses"]
    return found


def _watch(visitor: Visitor) -> None:
    visitor.page.on("dialog", lambda dialog: visitor.troubles.append(f"ran: {visitor.page.url}"))


def _is_only_shown(visitor: Visitor) -> bool:
    """Tell whether a text of the tenant stands on the page; it was neither run nor worked out."""
    found = visitor.page.evaluate(LOOK, EVALUATED)
    assert found["wrong"] == [], visitor.path
    return bool(found["shown"])


def test_it_neither_runs_nor_is_evaluated_on_any_page_of_its_own_people(
    hostile: list[str], enter: Enter
) -> None:
    visitor = enter()
    _watch(visitor)
    visitor.log_in(PERSON, PASSWORD)
    shown = {kind for kind in crawl.pages(visitor) if _is_only_shown(visitor)}
    assert shown >= SHOWN
    for address in hostile:
        visitor.go(address)
        assert _is_only_shown(visitor)


def test_it_neither_runs_nor_is_evaluated_in_what_is_typed_and_uploaded(
    hostile: list[str], enter: Enter
) -> None:
    visitor = enter()
    _watch(visitor)
    visitor.log_in(PERSON, PASSWORD)
    page = visitor.page
    lines = "\n".join(("pcid,ends", f'"{TEXT}",2027-01-01')).encode()
    file: Any = {"name": FILE, "mimeType": "text/csv", "buffer": lines}
    for address, button in (("/contract-lists/", "Check the list"), ("/upload/", "Check files")):
        visitor.go(address)
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state("load")
        assert _is_only_shown(visitor)
    for address, field, button in (
        ("/vehicle-look-up/", "[name=pcid]", "Look up"),
        ("/conclude/", "[name=pcid]", "Next"),
        ("/inspector/", "[name=typed]", "Inspect"),
    ):
        visitor.go(address)
        page.fill(field, TEXT)
        page.get_by_role("button", name=button).last.click()
        expect(page.locator(field)).to_have_value(TEXT)
        _is_only_shown(visitor)
    for address in ("/vehicles/", "/audit/", "/issued-certificates/"):
        visitor.go(f"{address}?q=%27%29%3Balert%281%29//%7B%7B7*7%7D%7D%3Cimg%20src=/x%3E")
        _is_only_shown(visitor)


def test_it_neither_runs_nor_is_evaluated_where_the_operator_reads_it(
    hostile: list[str], enter: Enter
) -> None:
    visitor = enter(ANNA)
    _watch(visitor)
    page = visitor.page
    for address in ("/pools/", "/members/", "/api-clients/", "/vehicles/?q=EVL", "/audit/"):
        visitor.go(address)
        assert _is_only_shown(visitor), address
    for address in ("/roots/", "/sub-cas/", "/organizations/", "/certificate-requests/"):
        visitor.go(address)
        page.locator("#result_list tbody tr", has_text="{{7*7}}").locator("th a").first.click()
        assert _is_only_shown(visitor), address
    visitor.go("/audit/?action=provisioning_pool.withdraw")
    page.locator("#result_list tbody tr", has_text="EVLWALK").locator("th a").first.click()
    assert _is_only_shown(visitor)
    page.keyboard.press("Control+k")
    page.keyboard.type("');alert(1)")
    expect(page.locator("#search-results [role=option]").first).to_contain_text(TEXT)
