"""The operator's people: roots by two persons, parties and identifiers, revoking, the trail."""

import json
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.examine import examine, show
from tests.factories import pki, trust
from v2g.pki.pem import pem
from v2g.pki.profiles import Branch

ANNA, BEN = "anna@operator.example", "ben@operator.example"


def test_a_root_is_submitted_by_one_person_and_confirmed_by_another(enter: Enter) -> None:
    root = pki.make_root(Branch.OEM, at=trust.now()).certificate
    told = root.fingerprint.hex(":").upper()
    anna = enter(ANNA)
    anna.go("/roots/")
    anna.page.get_by_role("link", name="Submit a root").click()
    anna.page.select_option("#id_root_type", "OEM")
    anna.page.fill("#id_pasted", "no certificate at all")
    anna.page.get_by_role("button", name="Submit").click()
    expect(anna.page.locator("#id_pasted_error")).to_be_visible()
    assert examine(anna) == []
    anna.page.fill("#id_pasted", pem([root]).decode())
    anna.page.get_by_role("button", name="Submit").click()
    expect(anna.page.locator("main")).to_contain_text("Another person of your organisation")
    assert anna.page.get_by_role("button", name="Trust this root").count() == 0
    address = anna.path

    ben, late = enter(BEN), enter(BEN)
    for window in (ben, late):
        window.go(address)
    ben.page.fill("[name=fingerprint]", "00" * 32)
    ben.page.get_by_role("button", name="Trust this root").click()
    expect(ben.page.locator("#id_fingerprint_error")).to_be_visible()
    assert examine(ben) == []
    show(ben, "operator-root")
    ben.page.fill("[name=fingerprint]", told)
    ben.page.get_by_role("button", name="Trust this root").dblclick()
    expect(ben.page.locator(".pp-head")).to_contain_text("Trusted")
    late.page.fill("[name=fingerprint]", told)
    late.page.get_by_role("button", name="Trust this root").click()
    expect(late.page.locator("main").get_by_role("alert").first).to_be_visible()


def test_an_organisation_is_admitted_and_no_identifier_goes_to_two(enter: Enter) -> None:
    visitor = enter(ANNA)
    page = visitor.page
    visitor.go("/")
    show(visitor, "operator-dashboard")
    page.get_by_role("link", name="Organisations").first.click()
    page.get_by_role("link", name="Admit an organisation").first.click()
    page.fill("#id_name", "Chargewell")
    page.check("#id_roles_1")
    page.get_by_role("button", name="Admit").click()
    expect(page.locator("#id_name_error")).to_be_visible()
    expect(page.locator("#id_roles_1")).to_be_checked()
    assert examine(visitor) == []
    page.fill("#id_name", "Zephyr Mobility")
    page.uncheck("#id_roles_1")
    page.get_by_label("Mobility operator").check()
    page.get_by_role("button", name="Admit").dblclick()
    expect(page.locator(".pp-head__title")).to_have_text("Zephyr Mobility")

    page.get_by_role("link", name="Assign an identifier").click()
    page.select_option("#id_kind", "provider_id")
    page.fill("#id_value", "DECWL")
    page.get_by_role("button", name="Assign an identifier").click()
    expect(page.locator("#id_value_error")).to_contain_text("belongs to another organisation")
    expect(page.locator("#id_value")).to_have_value("DECWL")
    assert examine(visitor) == []
    show(visitor, "operator-identifier")
    page.fill("#id_value", "DEZEP")
    page.get_by_role("button", name="Assign an identifier").dblclick()
    expect(page.locator("main")).to_contain_text("The identifier was assigned")
    expect(page.locator("main")).to_contain_text("DEZEP")
    show(visitor, "operator-organisation")
    visitor.go("/organizations/?q=Zephyr")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_a_certificate_of_a_party_is_revoked_with_a_reason(
    enter: Enter, demo: dict[str, Any]
) -> None:
    visitor = enter(ANNA)
    page = visitor.page
    emaid = [one["emaid"] for one in demo["contracts"] if one["mo"] == "Chargewell"][-1]
    visitor.go(f"/issued-certificates/?q={emaid}")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Revoke").click()
    expect(page.locator(".pp-follows")).to_contain_text("running contract")
    page.select_option("#id_reason", "cessationOfOperation")
    serial = page.locator(".pp-facts .pp-code").last.inner_text()
    page.fill("#id_typed", serial.replace(":", "")[-8:])
    assert examine(visitor) == []
    show(visitor, "operator-revoke")
    page.get_by_role("button", name="Revoke").dblclick()
    expect(page.locator(".pp-head")).to_contain_text("Revoked")
    page.get_by_role("tab", name="History").click()
    expect(page.locator("#panel-history")).to_contain_text("cessationOfOperation")
    show(visitor, "operator-revoked")


def test_the_trail_is_read_verified_and_taken_away_as_lines(enter: Enter) -> None:
    visitor = enter(ANNA)
    page = visitor.page
    visitor.go("/audit/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("main")).to_contain_text("Action")
    visitor.go("/audit/")
    page.get_by_role("link", name="Verify the chain").click()
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("status")).to_contain_text("The chain holds")
    assert examine(visitor) == []
    show(visitor, "operator-audit-verify")
    visitor.go("/audit/?result=ok")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON lines").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert len(lines) > 10
    assert all(json.loads(line)["result"] == "ok" for line in lines)
