"""No page offers a link that its reader may not open."""

import re
from collections import deque
from html import unescape
from typing import Final

import pytest
from django.test import Client

from apps.core import schedules
from apps.core.actor import Right, Role
from apps.participants import selectors
from tests.factories import parties
from tests.portal.conftest import Browser
from tests.portal.world import Party, World

LINK: Final = re.compile(r'<a\s[^>]*?href="(/[^"#]*)"')
ROW: Final = re.compile(r"(?<=/)(?=[^/?]*[0-9])[^/?]+")
LEAVING: Final = ("/logout/", "/static/", "/docs/", "/v1/")
MOST: Final = 150


def _kind(address: str) -> str:
    """Pages of the same list, and those of its rows, are of one kind."""
    return ROW.sub("*", address.partition("?")[0])


def _refused(client: Client) -> list[tuple[str, str, int]]:
    """Follow links from the first page, one of each kind; return which led to a refusal."""
    waiting, seen, refused = deque([("", "/")]), {"/"}, []
    while waiting and len(seen) < MOST:
        origin, address = waiting.popleft()
        answer = client.get(address)
        if answer.status_code >= 400:
            refused.append((origin, address, answer.status_code))
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if answer.status_code != 200 or not is_page:
            continue
        for linked in map(unescape, LINK.findall(answer.content.decode())):
            if _kind(linked) not in seen and not linked.startswith(LEAVING):
                seen.add(_kind(linked))
                waiting.append((address, linked))
    assert len(seen) > 10
    return refused


@pytest.mark.parametrize("right", [Right.VIEWER, Right.EDITOR])
@pytest.mark.parametrize("role", [Role.OEM, Role.MO, Role.CPO, Role.CPS, Role.OPERATOR])
def test_no_page_links_to_one_that_its_reader_may_not_open(
    ecosystem: World, browser: Browser, role: Role, right: Right
) -> None:
    schedules.sync()
    found = (
        party
        for party in ecosystem.parties
        if selectors.actor_of_member(user=party.user, organization=party.organization).has(role)
    )
    organization = next(found).organization
    user = parties.member(organization=organization, right=right)
    assert _refused(browser(Party(organization, user))) == []
