"""Logging in with a second factor: an authenticator app, then a passkey of the browser."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from apps.demo.lifecycle.server import PROJECT, Server, free_ports
from tests.browser.examine import examine, show
from tests.browser.visitor import DESK, Visitor
from tests.factories.second_factor import App

BEN = "ben@operator.example"
PRESENT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A device that knows its owner's finger (WebAuthn, section 11: virtual authenticators)."""


@pytest.fixture
def strict(site: Server) -> Iterator[str]:
    """A second web server on the same data, which requires second factors; its address."""
    (port,) = free_ports(1)
    base = f"http://localhost:{port}"
    environment = {**site.environment, "SECOND_FACTOR": "required", "PORT": str(port)}
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        transport = httpx.HTTPTransport(retries=8)  # waits 0.5, 1, 2, ... seconds in between
        with httpx.Client(transport=transport, trust_env=False, timeout=30) as http:
            assert http.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        yield base
    finally:
        process.terminate()
        process.wait(30)
        forget = [sys.executable, "manage.py", "remove_second_factor", BEN]
        subprocess.run(forget, cwd=PROJECT, env=environment, check=True, capture_output=True)


def test_a_factor_is_set_up_at_the_first_log_in_and_asked_for_at_the_next(
    strict: str, browser: Browser, passwords: dict[str, str]
) -> None:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")  # type: ignore[arg-type]  # by content
    context.set_default_timeout(15_000)
    visitor = Visitor.enter(context, strict)
    page = visitor.page
    visitor.log_in(BEN, passwords[BEN])
    expect(page.locator("main")).to_contain_text("People of the operator work with a second factor")
    assert examine(visitor) == []
    page.get_by_role("link", name="Authenticator app").click()
    app = App(page.locator(".pp-todo span.pp-code").inner_text())
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#id_code_error")).to_be_visible()
    assert examine(visitor) == []
    page.fill("[name=code]", app.code())
    page.get_by_role("button", name="Add").click()
    expect(page.locator("main")).to_contain_text("These codes are shown once.")
    assert examine(visitor) == []
    show(visitor, "second-factor-recovery-codes")

    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PRESENT})
    visitor.go("/account/passkeys/add/")
    if page.locator("[name=confirm-code]").count():
        page.fill("[name=confirm-code]", app.code(steps=1))
        page.get_by_role("button", name="Confirm").click()
    page.fill("[name=name]", "Finger on the desk")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/account/")
    expect(page.locator("main")).to_contain_text("Finger on the desk")

    context.clear_cookies()
    visitor.log_in(BEN, passwords[BEN])
    show(visitor, "second-factor")
    assert examine(visitor) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{strict}/")
    assert visitor.troubles == []
    context.close()
