"""Free text of a tenant that tries to run, on every page that shows it."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from apps.demo.lifecycle.server import PROJECT, Server
from tests.browser import crawl
from tests.browser.conftest import Enter
from tests.browser.hostile import EVALUATED, PASSWORD, PERSON, TEXT
from tests.browser.visitor import Visitor

ANNA = "anna@operator.example"


@pytest.fixture(scope="module")
def hostile(site: Server) -> None:
    command = [sys.executable, "-m", "tests.browser.hostile"]
    subprocess.run(command, cwd=PROJECT, env=site.environment, check=True, capture_output=True)


def _watch(visitor: Visitor) -> None:
    visitor.page.on("dialog", lambda dialog: visitor.troubles.append(f"ran: {visitor.page.url}"))


def test_it_neither_runs_nor_is_evaluated_on_any_page_of_its_own_people(
    hostile: None, enter: Enter
) -> None:
    visitor = enter()
    _watch(visitor)
    visitor.log_in(PERSON, PASSWORD)
    shown = []
    for kind in crawl.pages(visitor):
        content = visitor.page.content()
        assert EVALUATED not in content, kind
        shown += [kind] * (TEXT in visitor.page.inner_text("body"))
    assert {"/", "/members/*/", "/api-clients/*/", "/webhooks/*/", "/account/"} <= set(shown)


def test_it_neither_runs_nor_is_evaluated_where_the_operator_reads_it(
    hostile: None, enter: Enter
) -> None:
    visitor = enter(ANNA)
    _watch(visitor)
    page = visitor.page
    for address in ("/organizations/", "/members/", "/api-clients/", "/audit/"):
        visitor.go(address)
        expect(page.locator("#result_list")).to_contain_text(TEXT)
        assert EVALUATED not in page.content()
    visitor.go("/organizations/")
    page.get_by_role("link", name=TEXT).click()
    expect(page.locator(".pp-head__title")).to_have_text(TEXT)
    page.keyboard.press("Control+k")
    page.keyboard.type("');alert(1)")
    expect(page.locator("#search-results [role=option]").first).to_contain_text(TEXT)
