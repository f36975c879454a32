"""A vault key is followed by another: everything opens, before, during and after."""

import base64
from io import StringIO
from itertools import islice

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.actor import system
from apps.events import secrets
from apps.events.models import WebhookEndpoint
from apps.keys import rotation, vault
from apps.keys import services as keys
from apps.keys.models import StoredKey
from apps.operator import vault_rotation
from apps.participants.models import User
from config.settings import refuse
from tests.factories import contracts, parties, second_factor

pytestmark = pytest.mark.django_db

SECOND = "2:" + base64.b64encode(b"w" * 32).decode()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_vault_key", *arguments, stdout=out)
    return out.getvalue()


def factor(user: User, kind: str) -> Authenticator:
    return Authenticator.objects.get(user=user, type=kind)


def test_after_a_rotation_the_old_key_can_go_and_everything_still_works(
    settings: Settings,
) -> None:
    world = contracts.world()
    endpoint = WebhookEndpoint(organization=world.mo.organization, url="https://example.org/hook")
    secrets.give(endpoint)
    endpoint.save()
    secret = secrets.open_(endpoint)
    user = parties.member(organization=world.mo.organization)
    app = second_factor.app(user)
    codes = second_factor.recovery_codes(user)
    first = settings.VAULT_KEYS
    settings.VAULT_KEYS = [*first, SECOND]
    assert f"{rotation.versions()[1]} values still need version 1." in run("--check")

    said = run()
    assert "Nothing in the database needs version 1: it may leave VAULT_KEYS" in said
    settings.VAULT_KEYS = [SECOND]
    world.generate()
    assert secrets.open_(WebhookEndpoint.objects.get(pk=endpoint.pk)) == secret
    assert TOTP(factor(user, "totp")).validate_code(app.code())
    assert RecoveryCodes(factor(user, "recovery_codes")).get_unused_codes() == codes
    event = AuditEvent.objects.get(action="operator.rotate_vault_key")
    assert (event.target_id, event.detail["rows"]) == ("2", sum(rotation.versions().values()))


def test_an_interrupted_rotation_goes_on_where_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = [keys.create(label=str(number)) for number in range(5)]
    settings.VAULT_KEYS = [*settings.VAULT_KEYS, SECOND]
    monkeypatch.setattr(vault_rotation, "BATCH", 2)
    list(islice(vault_rotation.rotate(actor=system("test")), 1))
    assert rotation.versions() == {1: 3, 2: 2}
    done = [each.rows for each in vault_rotation.rotate(actor=system("test"))]
    assert done == [2, 1]
    assert set(StoredKey.objects.values_list("key_version", flat=True)) == {2}
    assert not list(vault_rotation.rotate(actor=system("test")))
    keys.test_vault()
    assert len(stored) == 5


def test_a_new_key_opens_before_it_seals(settings: Settings) -> None:
    settings.VAULT_KEYS = [*settings.VAULT_KEYS, SECOND]
    settings.VAULT_SEALS_WITH = 1
    assert keys.create(label="one").key_version == 1
    assert "version" not in run()
    settings.VAULT_SEALS_WITH = 3
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEYS holds no version 3"):
        vault.sealing_version()


def test_what_no_key_opens_is_named_and_left_as_it_was(settings: Settings) -> None:
    stored = keys.create(label="one")
    before = bytes(stored.sealed or b"")
    settings.VAULT_KEYS = [SECOND]
    with pytest.raises(CommandError, match="Vault key 1 is not configured"):
        run()
    stored.refresh_from_db()
    assert (stored.key_version, bytes(stored.sealed or b"")) == (1, before)


def test_production_does_not_start_with_a_version_that_is_not_there(settings: Settings) -> None:
    refuse.unknown_version("VAULT_SEALS_WITH", 0, "VAULT_KEYS", settings.VAULT_KEYS)
    refuse.unknown_version("VAULT_SEALS_WITH", 1, "VAULT_KEYS", settings.VAULT_KEYS)
    with pytest.raises(ImproperlyConfigured, match="VAULT_SEALS_WITH: VAULT_KEYS holds no version"):
        refuse.unknown_version("VAULT_SEALS_WITH", 2, "VAULT_KEYS", settings.VAULT_KEYS)
