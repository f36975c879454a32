"""A charge point operator's person: what a vehicle's message says."""

from base64 import b64encode

from playwright.sync_api import expect
from pytest_django import Settings

from apps.demo.lifecycle.server import Server
from tests.browser import vehicles
from tests.browser.conftest import Enter
from tests.browser.examine import examine, show

CORA = "cora@evergreen.example"


def test_an_installation_request_is_inspected(
    enter: Enter, site: Server, settings: Settings
) -> None:
    vehicle = vehicles.make(settings, site.folder)
    visitor = enter(CORA)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Message inspector").first.click()
    page.fill("[name=typed]", "what is this?")
    page.get_by_role("button", name="Inspect").click()
    expect(page.locator("#id_typed_error")).to_be_visible()
    expect(page.locator("[name=typed]")).to_have_value("what is this?")
    assert examine(visitor) == []

    page.fill("[name=typed]", b64encode(vehicle.request()).decode())
    page.get_by_role("button", name="Inspect").click()
    expect(page.locator("main")).to_contain_text("CertificateInstallationReq")
    expect(page.locator("main")).to_contain_text(vehicle.pcid)
    assert examine(visitor) == []
    show(visitor, "cpo-inspector")
