"""Every kind of audited object has its word on pages."""

import re

from apps.core.web import wording
from tests.languages.sources import ROOT


def test_every_kind_of_object_has_a_word() -> None:
    said = {
        kind
        for path in (ROOT / "apps").rglob("*.py")
        for kind in re.findall(r'target_type="(\w+)"', path.read_text())
    }
    assert "vehicle" in said
    assert said <= set(wording.TARGETS)
