"""Debian's Chromium, or whichever CHROMIUM names."""

import os
import shutil
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
)


def path() -> str | None:
    """Return the program's path, None where there is none."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next(filter(None, found), None)


def is_wanted() -> bool:
    """Whether these tests are collected: the program is there, or has to be."""
    return os.environ.get("BROWSER") == "required" or path() is not None
