"""A charge point operator's person: what vehicles asked for, what a message says, which roots."""

from base64 import b64encode
from typing import Any

import httpx
from playwright.sync_api import expect
from pytest_django import Settings

from apps.demo.lifecycle.backends import Backend
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


def test_a_refused_request_of_a_vehicle_stands_among_the_installation_requests_with_its_reason(
    enter: Enter, site: Server, settings: Settings, demo: dict[str, Any]
) -> None:
    vehicle = vehicles.make(settings, site.folder)
    party = next(one for one in demo["organizations"] if one["name"] == "Evergreen Charging")
    keys = {name: party["clients"][0][name] for name in ("client_id", "client_secret")}
    with httpx.Client(base_url=demo["base_url"], timeout=30, trust_env=False) as http:
        backend = Backend(name="station", **keys, token_url=demo["token_url"], http=http)
        body = {
            "certificateInstallationReq": b64encode(vehicle.request()).decode(),
            "xsdMsgDefNamespace": "urn:iso:15118:2:2013:MsgDef",
        }
        backend.call("POST", "/v1/ccp/signedContractData", body, expect=404)

    visitor = enter(CORA)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Installation requests").first.click()
    expect(page.locator(".pp-causes")).to_contain_text("1 request")
    assert examine(visitor) == []
    show(visitor, "cpo-installation-requests")
    page.get_by_role("link", name="1 request", exact=True).first.click()
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("main")).to_contain_text(vehicle.pcid)
    assert examine(visitor) == []


def test_the_trust_store_is_downloaded_and_says_that_nothing_changed_since(enter: Enter) -> None:
    visitor = enter(CORA)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Trust store").first.click()
    expect(page.locator("main")).to_contain_text("has not downloaded them yet")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the V2G roots as PEM").click()
    assert download.value.path().read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
    visitor.go("/trust-store/")
    expect(page.locator("main")).to_contain_text("Nothing has changed since Cora")
    assert examine(visitor) == []
    show(visitor, "cpo-trust-store")
