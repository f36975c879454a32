"""A person's window of the browser. It notes what must not happen on any page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

DESK: Final = {"width": 1440, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
PATIENCE: Final = 60
OF_A_DOCUMENT: Final = re.compile("Failed to load resource: .* status of 4(03|04|09|22)")


@dataclass
class Visitor:
    """One tab, at the site under `base`. What went wrong in it stands in `troubles`."""

    context: BrowserContext
    page: Page
    base: str
    troubles: list[str] = field(default_factory=list)
    _documents: set[str] = field(default_factory=set)

    @classmethod
    def enter(cls, context: BrowserContext, base: str) -> "Visitor":
        """Open a tab whose console, errors and requests are watched."""
        page = context.new_page()
        visitor = cls(context, page, base)
        page.on("console", visitor._heard)
        page.on("pageerror", lambda error: visitor.troubles.append(f"{page.url}: {error}"))
        page.on("request", visitor._asked)
        page.on("response", visitor._answered)
        return visitor

    def go(self, path: str) -> int:
        """Open an address of the site; return its status."""
        response = self.page.goto(self.base + path)
        return response.status if response else 0

    def until(self, path: str, text: str) -> None:
        """Load an address again until the page has the text, which a worker is writing."""
        for _ in range(PATIENCE):
            self.go("/livez")  # the same address with another fragment would not load again
            self.go(path)
            if text in self.text:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{path} never says {text!r}: {self.text}")

    def log_in(self, username: str, password: str) -> None:
        """Fill the log-in form that is shown, or open it first."""
        page = self.page
        if page.locator("#login-form").count() == 0:
            self.go("/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_function("location.pathname !== '/login/'")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def text(self) -> str:
        """What a person reads on the page."""
        return self.page.locator("main").inner_text()

    @contextmanager
    def on_a_phone(self) -> Iterator[None]:
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict by content
        yield
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]  # the same

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type != "error":  # breaches of the content security policy are errors as well
            return
        where = message.location.get("url", "")
        if OF_A_DOCUMENT.match(message.text) and where in self._documents:
            return  # a page that says what is wrong, with the status of it
        self.troubles.append(f"{self.page.url}: {message.text} ({where})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base + "/", "data:", "blob:")):
            self.troubles.append(f"{self.page.url} asks another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._documents.add(response.url)
        if response.status >= 500:
            self.troubles.append(f"{response.url} answers {response.status}")
