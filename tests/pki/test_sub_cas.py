"""Sub-CA certificates are stored once."""

import pytest

from apps.pki import sub_cas
from apps.pki.models import SubCa
from tests.factories import pki
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db


def test_the_same_sub_cas_are_the_same_rows() -> None:
    first, other = pki.make_pki(Branch.OEM, salt="a"), pki.make_pki(Branch.OEM, salt="b")
    rows = sub_cas.remember(first.sub_cas)
    assert [bytes(row.der) for row in rows] == [c.der for c in first.sub_cas]
    again = sub_cas.remember((first.sub_cas[1], other.sub_cas[0], first.sub_cas[0]))
    assert [again[2], again[0]] == rows
    assert SubCa.objects.count() == 3


def test_the_same_certificate_twice_in_one_call_is_one_row() -> None:
    sub2, _ = pki.make_pki(Branch.MO).sub_cas
    one, two = sub_cas.remember([sub2, sub2])
    assert one == two
    assert SubCa.objects.count() == 1
