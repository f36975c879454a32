"""An organisation's webhooks: registered, tested, sent again, given another secret."""

from playwright.sync_api import expect

from apps.demo.lifecycle.receiver import Receiver
from apps.demo.lifecycle.server import Server
from tests.browser.conftest import Enter
from tests.browser.examine import examine, show

OLGA = "olga@borealis.example"


def test_a_webhook_is_tested_its_event_sent_again_and_its_secret_rolled(
    enter: Enter, site: Server
) -> None:
    visitor = enter(OLGA)
    page = visitor.page
    with Receiver(site.receiver_port) as receiver:
        visitor.go("/webhooks/")
        page.get_by_role("link", name="Register a webhook").first.click()
        page.fill("#id_url", "http://10.0.0.1/inside")
        page.check("#id_events_0")
        page.get_by_role("button", name="Register").click()
        expect(page.locator("#id_url_error")).to_be_visible()
        expect(page.locator("#id_url")).to_have_value("http://10.0.0.1/inside")
        expect(page.locator("#id_events_0")).to_be_checked()
        assert examine(visitor) == []
        page.fill("#id_url", receiver.url)
        page.get_by_role("button", name="Register").dblclick()
        expect(page.locator("main")).to_contain_text(receiver.url)
        webhook = visitor.path
        page.get_by_role("tab", name="Secret").click()
        secret = page.locator("#panel-secret .pp-code").inner_text().split()[0]

        page.get_by_role("link", name="Send a test event").click()
        page.get_by_role("button", name="Send a test event").dblclick()
        page.wait_for_url(f"**{webhook}")
        sent = receiver.next().event(secret)
        visitor.until(f"{webhook}#deliveries", "Delivered")
        show(visitor, "webhook")

        page.get_by_role("link", name=sent["eventType"]).click()
        expect(page.locator("main")).to_contain_text("The receiver took it.")
        show(visitor, "webhook-delivery")
        page.get_by_role("link", name="Send again").click()
        page.get_by_role("button", name="Send again").click()
        assert receiver.next().event(secret)["eventId"] == sent["eventId"]

        visitor.go(webhook)
        page.get_by_role("link", name="New secret").click()
        page.get_by_role("button", name="New secret").click()
        page.get_by_role("tab", name="Secret").click()
        rolled = page.locator("#panel-secret .pp-code").inner_text().split()[0]
        assert rolled != secret
        page.get_by_role("link", name="Send a test event").click()
        page.get_by_role("button", name="Send a test event").click()
        receiver.next().event(rolled)
    visitor.go("/webhooks/")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
