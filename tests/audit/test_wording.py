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


def test_work_of_plugpools_own_is_not_named_by_its_part() -> None:
    assert str(wording.who("system", "pki.sign_crl")) == "Plugpool itself"
    assert wording.who("person", "Ada First") == "Ada First"
