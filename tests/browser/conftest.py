"""One running stack and one Chromium for all tests of this folder."""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from apps.demo.lifecycle.server import Server
from tests.browser import chromium
from tests.browser.visitor import DESK, Visitor
from tests.flows.conftest import stack

HERE: Final = Path(__file__).parent
collect_ignore = [] if chromium.is_wanted() else [str(one) for one in HERE.glob("test_*.py")]

Enter = Callable[..., Visitor]
"""Called with somebody's address, or nothing for a stranger; returns their window."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="package")
def site() -> Iterator[Server]:
    """The stack with its demo. Its rows are SQLite's; no pass on another database is needed."""
    with (
        tempfile.TemporaryDirectory(prefix="plugpool-browser-") as folder,
        stack(Path(folder)) as running,
    ):
        yield running


@pytest.fixture(scope="package")
def demo(site: Server) -> dict[str, Any]:
    """What `ecosystem.json` tells of the demo."""
    found: dict[str, Any] = json.loads(site.ecosystem_file.read_bytes())
    return found


@pytest.fixture(scope="package")
def passwords(demo: dict[str, Any]) -> dict[str, str]:
    people = [one for party in demo["organizations"] for one in party["users"]]
    return {one["username"]: one["password"] for one in people}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the folder: while Playwright runs, this thread counts as asynchronous."""
    program = chromium.path()
    assert program, "BROWSER=required, but no chromium was found"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, args=[*chromium.ARGUMENTS], chromium_sandbox=False
        )
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """Cookies of people who logged in already."""
    return {}


@pytest.fixture
def enter(
    browser: Browser,
    demo: dict[str, Any],
    passwords: dict[str, str],
    sessions: dict[str, Any],
) -> Iterator[Enter]:
    """Open windows for people. At the end nothing may have gone wrong in any."""
    opened: list[Visitor] = []

    def entering(username: str = "", **options: Any) -> Visitor:
        kept = sessions.get(username)
        context = browser.new_context(
            viewport=DESK,  # type: ignore[arg-type]  # a TypedDict by content
            storage_state=kept,
            reduced_motion="reduce",  # axe would meet colours half-way
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **options,
        )
        context.set_default_timeout(15_000)
        visitor = Visitor.enter(context, demo["base_url"])
        opened.append(visitor)
        if username and not kept:
            visitor.log_in(username, passwords[username])
            sessions[username] = context.storage_state()
        return visitor

    yield entering
    troubles = [trouble for visitor in opened for trouble in visitor.troubles]
    for visitor in opened:
        visitor.context.close()
    assert troubles == []
