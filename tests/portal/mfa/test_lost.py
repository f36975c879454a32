"""A person who lost every second factor is helped on the server."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import AuditEvent
from apps.participants.models import User
from tests.factories import second_factor

pytestmark = pytest.mark.django_db


def test_all_factors_of_the_person_are_removed_and_nobody_elses(
    person: User, operator: User
) -> None:
    for user in (person, operator):
        second_factor.app(user)
        second_factor.recovery_codes(user)
    said = StringIO()
    call_command("remove_second_factor", "A@alpha.example", stdout=said)
    assert "1 second factors removed" in said.getvalue()
    kinds = ("totp", "recovery_codes")
    assert not any(second_factor.has(person, kind) for kind in kinds)
    assert all(second_factor.has(operator, kind) for kind in kinds)
    event = AuditEvent.objects.get(action="portal.remove_second_factor")
    assert (event.actor_kind, event.target_id) == ("system", str(person.pk))


def test_an_unknown_address_is_said(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody has this address"):
        call_command("remove_second_factor", "nobody@alpha.example")
