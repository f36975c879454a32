"""A charge point operator's person: a certificate from the signing request to its end."""

import re

from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from tests.browser.visitor import Visitor
from tests.factories import pki
from tests.pki.enrolment import csr

CORA = "cora@evergreen.example"


def _request(name: str, key: str) -> dict[str, object]:
    octets = csr(name, key=pki.make_key(f"walk {key}"), form=Encoding.PEM)
    return {"name": "station.csr", "mimeType": "application/pkcs10", "buffer": octets}


def _order(visitor: Visitor, name: str) -> str:
    """Ask for the certificate of a station; return the address of its page."""
    page = visitor.page
    visitor.go("/request-certificate/")
    page.set_input_files("#id_file", _request(name, name))  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Check the request").click()
    expect(page.locator("main")).to_contain_text("This is a dry run. Nothing has been issued.")
    page.get_by_role("button", name="Request the certificate").dblclick()
    page.wait_for_url(re.compile(r"/issued-certificates/\d+/"))
    return visitor.path


def test_a_station_gets_its_certificate_from_an_uploaded_request(enter: Enter) -> None:
    visitor = enter(CORA)
    page = visitor.page
    visitor.go("/")
    page.get_by_role("link", name="Charge point certificates").first.click()
    show(visitor, "cpo-stations")
    page.get_by_role("link", name="Request a certificate").click()
    page.fill("#id_pasted", "-----BEGIN NOTHING-----")
    page.get_by_role("button", name="Check the request").click()
    expect(page.locator("#id_pasted_error")).to_be_visible()
    expect(page.locator("#id_pasted")).to_have_value("-----BEGIN NOTHING-----")
    foreign = _request("FR*XYZ*E1*1", "foreign")
    page.set_input_files("#id_file", foreign)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Check the request").click()
    expect(page.locator("#id_file_error")).to_be_visible()
    assert examine(visitor) == []

    name = "DE*EVG*EWALK*1"
    address = _order(visitor, name)
    expect(page.locator("main")).to_contain_text("Download it here and install it.")
    assert examine(visitor) == []
    show(visitor, "cpo-certificate")
    page.get_by_role("link", name="Renew").click()
    renewed = csr(name, key=pki.make_key("walk again"), form=Encoding.PEM).decode()
    page.fill("#id_pasted", csr("DE*EVG*EWALK*9", form=Encoding.PEM).decode())
    page.get_by_role("button", name="Renew").click()
    expect(page.locator("#id_pasted_error")).to_be_visible()
    assert examine(visitor) == []
    page.fill("#id_pasted", renewed)
    page.get_by_role("button", name="Renew").dblclick()
    expect(page.locator("main")).to_contain_text("is renewed.")
    assert visitor.path != address
    visitor.go(f"/issued-certificates/?q={name}")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)


def test_a_certificate_of_a_station_is_revoked_once_its_serial_is_typed(enter: Enter) -> None:
    visitor, again = enter(CORA), enter(CORA)
    page = visitor.page
    address = _order(visitor, "DE*EVG*EWALK*2")
    again.go(f"{address}revoke/")
    page.get_by_role("link", name="Revoke").click()
    page.select_option("#id_reason", "keyCompromise")
    page.fill("#id_typed", "00000000")
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("#id_typed_error")).to_be_visible()
    expect(page.locator("#id_reason")).to_have_value("keyCompromise")
    assert examine(visitor) == []
    show(visitor, "cpo-revoke")
    serial = page.locator(".pp-facts .pp-code").last.inner_text()
    shown = serial.replace(":", "")[-8:]
    page.fill("#id_typed", shown)
    page.get_by_role("button", name="Revoke").dblclick()
    expect(page.locator(".pp-head")).to_contain_text("Revoked")

    again.page.select_option("#id_reason", "superseded")
    again.page.fill("#id_typed", shown)
    again.page.get_by_role("button", name="Revoke").click()
    expect(again.page.locator("main")).to_contain_text("revoked or has expired already")
