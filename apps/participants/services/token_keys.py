"""The keys that sign access tokens: made at first use, rolled, forgotten after their last token."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from joserfc.jwk import ECKey

from apps.audit.services import record
from apps.core.actor import Actor
from apps.keys import services as keys
from apps.keys.models import StoredKey
from apps.participants.models import TokenKey

ROLLED_AFTER: Final = timedelta(days=90)


def ensure_token_key(*, actor: Actor) -> TokenKey:
    """Return the current key; make it if there is none. Never inside a transaction.

    Of two processes that start at once one stores its key, the other takes that one.
    """
    found = TokenKey.objects.select_related("key").filter(current=True).first()
    return found or _create(actor)


def roll_token_key(*, actor: Actor) -> TokenKey:
    """Make a new current key; the one before stays published until its tokens have expired."""
    return _create(actor, replaced=ensure_token_key(actor=actor))


def roll_token_key_when_due(*, actor: Actor) -> None:
    """Roll a key that has signed for ROLLED_AFTER, and forget those that are done."""
    current = ensure_token_key(actor=actor)
    if current.created_at < timezone.now() - ROLLED_AFTER:
        roll_token_key(actor=actor)
    forget_retired_token_keys(actor=actor)


def forget_retired_token_keys(*, actor: Actor) -> int:
    """Delete the keys whose last token expired (with an hour to spare); return how many."""
    before = timezone.now() - timedelta(seconds=settings.TOKEN_LIFETIME_S, hours=1)
    count = 0
    for row in TokenKey.objects.select_related("key").filter(current=False, retired_at__lt=before):
        with transaction.atomic():
            deleted, _ = TokenKey.objects.filter(pk=row.pk, current=False).delete()
            if deleted:
                row.key.delete()
                _record(actor, "participants.forget_token_key", row)
                count += 1
    return count


def _create(actor: Actor, replaced: TokenKey | None = None) -> TokenKey:
    stored = keys.create(label="Access tokens", curve=StoredKey.Curve.P256.value)
    try:
        with transaction.atomic():
            if replaced is not None:
                TokenKey.objects.filter(pk=replaced.pk, current=True).update(
                    current=False, retired_at=timezone.now()
                )
            row = TokenKey.objects.create(key=stored, kid=thumbprint(stored))
            _record(actor, "participants.create_token_key", row)
            return row
    except IntegrityError:
        # Another process was first: its key is the current one, ours has signed nothing.
        stored.delete()
        return TokenKey.objects.select_related("key").get(current=True)


def thumbprint(stored: StoredKey) -> str:
    """Return the `kid` of a key: the SHA-256 thumbprint of its public JWK (RFC 7638)."""
    return ECKey.import_key(keys.public_key(stored)).thumbprint()


def _record(actor: Actor, action: str, row: TokenKey) -> None:
    record(actor=actor, action=action, target_type="token_key", target_id=row.kid)
