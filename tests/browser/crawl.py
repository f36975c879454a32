"""Every page that a person can reach by clicking: one of each kind."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Error

from tests.browser.visitor import Visitor

LINKS: Final = "all => all.filter(a => !a.download && !a.target).map(a => a.href)"
FILES: Final = re.compile(r".*\.(csv|pem|der|crl|p7b|zip|json|xml|txt|svg)")
LEAVING: Final = {"/logout/"}
MOST: Final = 120


def kind(path: str) -> str:
    """Reduce what names a row, so that all vehicles are one kind of page."""
    return re.sub(r"(?<=/)(?=[^/]*[0-9])[^/]+", "*", path)


def pages(visitor: Visitor, start: str = "/") -> Iterator[str]:
    """Open one page of each kind, those nearest to `start` first; yield its kind once it stands.

    A link that leads to nothing is noted as a trouble of the visitor.
    """
    waiting, seen = deque([start]), {kind(start)}
    for _ in range(MOST):
        if not waiting:
            return
        path = waiting.popleft()
        if not _open(visitor, path):
            continue
        found = visitor.page.eval_on_selector_all("a[href]", LINKS)
        yield kind(path)
        for url in found:
            linked = urlsplit(url).path
            ours = url.startswith(visitor.base + "/") and linked not in LEAVING
            if ours and not FILES.fullmatch(linked) and kind(linked) not in seen:
                seen.add(kind(linked))
                waiting.append(linked)
    raise AssertionError(f"more than {MOST} kinds of pages")


def _open(visitor: Visitor, path: str) -> bool:
    try:
        status = visitor.go(path)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
        return False
    if status != 200:
        visitor.troubles.append(f"{path} is linked and answers {status}")
    return status == 200
