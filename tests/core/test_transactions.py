"""No network and no private key inside a transaction: they would hold its locks for as long."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from apps.core import http, locks, transactions
from apps.core.actor import Role
from apps.keys import services as keys
from apps.participants import selectors, tokens
from apps.participants import services as participants
from tests.factories import parties

pytestmark = pytest.mark.django_db(transaction=True)

INSIDE = "inside a transaction"


def test_the_key_backend_fails_inside_a_transaction() -> None:
    stored = keys.create(label="CA")
    opened = keys.private_key(stored)
    with transaction.atomic():
        with pytest.raises(RuntimeError, match=INSIDE):
            keys.create(label="Another")
        with pytest.raises(RuntimeError, match=INSIDE):
            keys.private_key(stored)
        with pytest.raises(RuntimeError, match=INSIDE):
            opened.sign(b"data", ec.ECDSA(hashes.SHA256()))
        assert keys.public_key(stored) == opened.public_key()
    assert opened.sign(b"data", ec.ECDSA(hashes.SHA256()))


def test_the_http_client_fails_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match=INSIDE):
        http.request("GET", "http://status.example/")
    with pytest.raises(http.Refused):
        http.request("GET", "http://127.0.0.1/")


def test_a_token_is_not_signed_inside_a_transaction() -> None:
    made, _ = parties.client(organization=parties.organization(roles=[Role.MO]))
    actor = selectors.actor_of_client(made.client_id)
    tokens.forget_keys()
    with transaction.atomic(), pytest.raises(RuntimeError, match=INSIDE):
        tokens.issue(actor, audience="http://testserver")
    tokens.forget_keys()
    assert tokens.issue(actor, audience="http://testserver")


def test_rolling_the_token_key_makes_it_before_its_transaction() -> None:
    first = participants.ensure_token_key(actor=parties.SYSTEM)
    assert participants.roll_token_key(actor=parties.SYSTEM) != first
    tokens.forget_keys()


def test_an_open_transaction_is_seen_at_every_depth() -> None:
    assert not transactions.is_open()
    with transaction.atomic():
        assert transactions.is_open()
        with transaction.atomic(savepoint=False):
            assert transactions.is_open()
    assert not transactions.is_open()


def test_a_lock_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError):
        locks.hold("pcid:WVW")
    with transaction.atomic():
        locks.hold("pcid:WVW", "pcid:WAU")
