"""Reads pages the way a person does: from the overview, along the menu, and into a row."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.test import Client

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm")
"""Attributes that people see or hear."""
SILENT = {"script", "style", "template"}


class Page(HTMLParser):
    """The words of a page, one for each piece of text, and where its links lead."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in SILENT:
            self._silent += 1
        self.words += [value for name in SPOKEN if (value := said.get(name))]
        href = said.get("href") or ""
        if tag == "a" and href.startswith("/"):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self._silent:
            self.words.append(text)


def walk(client: Client) -> Iterator[tuple[str, str]]:
    """Yield address and markup of the overview, all it leads to, and one page below each list."""
    home = _markup(client, "/")
    yield "/", home
    for address in sorted(set(_paths(home)) - {"/"}):
        page = _markup(client, address)
        yield address, page
        below = next((one for one in _paths(page) if _is_below(one, address)), None)
        if below:
            yield below, _markup(client, below)


def _paths(markup: str) -> list[str]:
    return [urlsplit(link).path for link in Page(markup).links]


def _is_below(path: str, address: str) -> bool:
    return path.startswith(address) and path != address and path.endswith("/")


def _markup(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    assert str(answer.headers["Content-Type"]).startswith("text/html"), address
    return answer.content.decode()
