"""Every page that a person can reach by clicking: one of each kind."""

import re
from collections import deque
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from django.test import Client

LINK: Final = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
FILE: Final = re.compile(r".*\.[a-z0-9]{2,5}")
LEAVING: Final = ("/logout/", "/static/", "/docs/", "/v1/")
PAGING: Final = {"p", "o"}
"""Parameters of the same list's other pages, of which the size of a pool says how many."""
NAMES_ROW: Final = re.compile(r"(?<=/)(?=[^/?]*[0-9])[^/?]+")
NAMES_VALUE: Final = re.compile(r"(?<==)[0-9a-f-]{8,}")
MOST: Final = 400


def kind(address: str) -> str:
    """Reduce what names a row or a day, so that the pages of all vehicles are of one kind."""
    return NAMES_VALUE.sub("*", NAMES_ROW.sub("*", address))


def pages(client: Client, start: str = "/") -> dict[str, str]:
    """Return an address of each kind, those nearest to `start` first. Redirects are no pages."""
    waiting, seen, found = deque([start]), {kind(start)}, dict[str, str]()
    while waiting and len(found) < MOST:
        address = waiting.popleft()
        response = client.get(address)
        if response.status_code != 200 or response.streaming:
            continue
        found[kind(address)] = address
        for linked in map(unescape, LINK.findall(response.content.decode())):
            if kind(linked) not in seen and _is_page(linked):
                seen.add(kind(linked))
                waiting.append(linked)
    return found


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    is_file = FILE.fullmatch(parts.path) or "/download/" in parts.path
    return not (is_file or parts.path.startswith(LEAVING) or PAGING & parse_qs(parts.query).keys())
