"""A car maker's person: certificates from a file into the pool, and what follows for a vehicle."""

from playwright.sync_api import expect
from pytest_django import Settings

from apps.demo.lifecycle.server import Server
from tests.browser import vehicles
from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from v2g.pki.pem import pem

OTTO = "otto@aurora.example"


def test_certificates_are_checked_imported_and_carded(
    enter: Enter, site: Server, settings: Settings
) -> None:
    made = [vehicles.make(settings, site.folder) for _ in range(2)]
    pcid = made[0].pcid
    visitor = enter(OTTO)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Upload certificates").first.click()
    files = [
        {
            "name": f"{one.pcid}.pem",
            "mimeType": "application/x-pem-file",
            "buffer": pem(one.chain[:1]),
        }
        for one in made
    ]
    page.set_input_files("input[type=file]", files)  # type: ignore[arg-type]  # FilePayloads
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    page.get_by_role("button", name="Check files").click()
    expect(page.locator("main")).to_contain_text("This is a dry run. Nothing has been stored.")
    expect(page.locator("main")).to_contain_text(pcid)
    assert examine(visitor) == []
    show(visitor, "oem-dry-run")

    page.get_by_role("button", name="Import 2 certificates").click()
    expect(page.locator("#job-status")).to_have_text("Finished.")
    assert examine(visitor) == []

    visitor.go(f"/vehicles/{pcid}/")
    expect(page.locator("main")).to_contain_text("Aurora Motors OEM Sub2")
    show(visitor, "oem-vehicle")
    page.get_by_role("link", name="PCID card").click()
    expect(page.get_by_role("img", name="QR code with the PCID")).to_be_visible()
    show(visitor, "oem-pcid-card")

    page.get_by_role("link", name="Back to the vehicle").click()
    page.get_by_role("link", name="Reset to factory state").click()
    page.fill("#id_reason", "Sold as a used car")
    page.fill("#id_typed", made[1].pcid)
    page.get_by_role("button", name="Reset to factory state").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("#id_reason")).to_have_value("Sold as a used car")
    assert examine(visitor) == []
    page.fill("#id_typed", pcid.lower())
    page.get_by_role("button", name="Reset to factory state").click()
    page.wait_for_url(f"**/vehicles/{pcid}/")
    expect(page.locator("main")).to_contain_text("was reset to factory state")


def test_a_private_key_in_an_upload_is_refused_at_the_field(
    enter: Enter, site: Server, settings: Settings
) -> None:
    made = vehicles.make(settings, site.folder)
    from apps.demo.pki import Holder

    file = {
        "name": "all.pem",
        "mimeType": "application/x-pem-file",
        "buffer": pem(made.chain[:1]) + Holder(made.key, made.chain[0]).key_pem,
    }
    visitor = enter(OTTO)
    page = visitor.page
    visitor.go("/upload/")
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Check files").click()
    expect(page.locator("#id_certificates_error")).to_contain_text("private key")
    assert examine(visitor) == []
