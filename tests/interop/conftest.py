"""Which files are collected here: see the package's docstring."""

import os

from tests.interop.strongswan import is_installed

collect_ignore = []
if os.environ.get("INTEROP") != "required" and not is_installed():
    collect_ignore.append("test_strongswan.py")
