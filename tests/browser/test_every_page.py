"""Every page that people of each role can reach by clicking, as axe and a phone see it."""

import pytest

from tests.browser import crawl
from tests.browser.conftest import Enter
from tests.browser.examine import examine

PEOPLE = {
    "operator": "anna@operator.example",
    "oem": "otto@aurora.example",
    "oem-viewer": "vera@aurora.example",
    "mo": "mia@chargewell.example",
    "cpo": "cora@evergreen.example",
}


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Kinds of pages that were examined as somebody else met them."""
    return set()


@pytest.mark.parametrize("role", PEOPLE)
def test_no_page_of_the_site_has_a_barrier_or_a_dead_link(
    role: str, enter: Enter, known: set[str]
) -> None:
    visitor = enter(PEOPLE[role])
    found, wrong = [], []
    for kind in crawl.pages(visitor):
        found.append(kind)
        if kind not in known or kind == "/":
            known.add(kind)
            name = f"{role}{kind.rstrip('/').replace('/', '_').replace('*', 'row')}"
            wrong += examine(visitor, picture=name)
    assert wrong == []
    assert len(found) > 8
