"""Reads pages the way a person goes through them: from the overview, link by link."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.test import Client

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm")
"""Attributes that people see or hear."""
SILENT = {"script", "style", "template"}
NUMBERS = re.compile(r"(?<=/)([0-9a-f-]{36}|[0-9]+)(?=/)")


class Page(HTMLParser):
    """The words of a page, one for each piece of text, and where its links lead."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self._icon = 0
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


def walk(client: Client, start: str = "/", *, most: int = 150) -> Iterator[tuple[str, str]]:
    """Yield the address and the markup of each page that links lead to, each path once."""
    waiting, seen = [start], {start}
    while waiting and most:
        address = waiting.pop(0)
        answer = client.get(address)
        kind = str(answer.headers.get("Content-Type", ""))
        if answer.status_code != 200 or not kind.startswith("text/html"):
            continue
        most -= 1
        markup = answer.content.decode()
        yield address, markup
        for link in Page(markup).links:
            path = urlsplit(link).path
            if path not in seen:
                seen.add(path)
                waiting.append(path)
