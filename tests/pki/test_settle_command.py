"""manage.py settle_intents: issuance that broke off between any two steps is found and settled."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from apps.keys import services as keys
from apps.pki.models import Authority, IssuedCertificate
from tests.factories import trust
from tests.pki.published import issue, make_authority

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authority() -> Authority:
    return make_authority()


@pytest.fixture
def broken(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> IssuedCertificate:
    """The process dies when it is about to sign: the intent stands alone."""

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "private_key", die)
        with pytest.raises(RuntimeError):
            issue(authority)
    return IssuedCertificate.objects.get(state="intended")


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("settle_intents", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_a_broken_issuance_is_named_and_settled(
    authority: Authority, broken: IssuedCertificate
) -> None:
    kept = issue(authority)
    with time_machine.travel(trust.now() + timedelta(minutes=6), tick=False):
        lines = run()
    assert len(lines) == 2
    assert f"CPS CPS 1 authority {authority.pk} serial {bytes(broken.serial).hex()}" in lines[0]
    assert lines[1] == "1 settled, 0 open."
    broken.refresh_from_db()
    kept.refresh_from_db()
    assert (broken.state, kept.state) == ("abandoned", "issued")


def test_what_may_still_be_signed_is_left(broken: IssuedCertificate) -> None:
    assert run()[-1] == "0 settled, 1 open."
    broken.refresh_from_db()
    assert broken.state == "intended"


def test_listing_changes_nothing(broken: IssuedCertificate) -> None:
    with time_machine.travel(trust.now() + timedelta(minutes=6), tick=False):
        assert run("--list-only")[-1] == "0 settled, 1 open."
    broken.refresh_from_db()
    assert broken.state == "intended"


def test_where_nothing_is_open_it_says_so() -> None:
    assert run() == ["0 settled, 0 open."]
