"""Access tokens: ES256 JWTs of the type at+jwt (RFC 9068), signed by a key behind a backend.

Verifying one costs no SQL: the public keys are kept in the process. What a token claims about
roles and identifiers is for the client to read; nothing here decides by it.
"""

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from django.conf import settings
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from apps.core.actor import Actor, system
from apps.keys import services as keys
from apps.participants.models import TokenKey
from apps.participants.services.token_keys import ensure_token_key

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
MAX_TOKEN: Final = 16_000
MAX_IDS: Final = 50
"""Identifiers of one kind that a token names; the record knows them all."""
LEEWAY_S: Final = 5
SCOPE: Final = "rcpservice ccpservice pcpservice cpservice pkigateway"
"""OPCP's scopes, as its token answer spells them. Every token has them all."""


class BadToken(Exception):
    """A token that is not ours, not valid now, or not signed as it must be."""


@dataclass(frozen=True, slots=True)
class _Keys:
    read_at: float
    current: TokenKey
    public: dict[str, ECKey]


class _KeyCache:
    """The published keys of the database, read again every FRESH_S and for an unknown kid."""

    FRESH_S = 60.0
    UNKNOWN_KID_S = 5.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: _Keys | None = None

    def read(self, *, max_age_s: float = FRESH_S) -> _Keys:
        kept = self._fresh(max_age_s)
        if kept is not None:
            return kept
        with self._lock:
            # Whoever waited here finds what the one before has just read.
            kept = self._fresh(max_age_s)
            if kept is None:
                kept = self._keys = self._read()
            return kept

    def _fresh(self, max_age_s: float) -> _Keys | None:
        kept = self._keys
        return kept if kept is not None and monotonic() - kept.read_at < max_age_s else None

    def _read(self) -> _Keys:
        current = ensure_token_key(actor=system("participants"))
        rows = TokenKey.objects.select_related("key")
        public = {row.kid: ECKey.import_key(keys.public_key(row.key)) for row in rows}
        return _Keys(monotonic(), current, public)

    def public(self, kid: str) -> ECKey:
        found = self.read().public.get(kid)
        if found is None:
            # Rolled a moment ago in another process, or made up: ask at most every few seconds.
            found = self.read(max_age_s=self.UNKNOWN_KID_S).public.get(kid)
        if found is None:
            raise BadToken("unknown kid")
        return found

    def forget(self) -> None:
        self._keys = None


_cache = _KeyCache()
forget_keys = _cache.forget


def audiences() -> frozenset[str]:
    """Return the audiences that tokens may be for: PUBLIC_URL and TOKEN_AUDIENCES, no slash."""
    return frozenset(url.rstrip("/") for url in (settings.PUBLIC_URL, *settings.TOKEN_AUDIENCES))


def issue(actor: Actor, *, audience: str) -> str:
    """Return a token for an API client that has proved its secret. Never inside a transaction."""
    now = int(time.time())
    current = _cache.read().current
    claims: dict[str, Any] = {
        "iss": settings.PUBLIC_URL,
        "aud": audience,
        "sub": actor.identifier,
        "client_id": actor.identifier,
        "iat": now,
        "exp": now + settings.TOKEN_LIFETIME_S,
        "jti": secrets.token_urlsafe(16),
        "scope": SCOPE,
        f"{audience}/role": sorted(role.value for role in actor.roles),
        f"{audience}/pcid": sorted(actor.wmis)[:MAX_IDS],
        f"{audience}/emaid": sorted(actor.provider_ids)[:MAX_IDS],
        f"{audience}/client_name": actor.label,
    }
    return _signed({"alg": ALGORITHM, "typ": TYPE, "kid": current.kid}, claims, current)


def verify(token: str) -> str:
    """Return the client id that a valid token names. Raises BadToken, whose text is for logs."""
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        raise BadToken("not a token")
    try:
        decoded = jwt.decode(token, _key_of, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadToken(type(error).__name__) from error
    return _checked(decoded.claims)


def published() -> list[dict[str, Any]]:
    """Return the public keys as JWKs (RFC 7517): the current one and those still in use."""
    return [
        {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM}
        for kid, key in sorted(_cache.read(max_age_s=_KeyCache.UNKNOWN_KID_S).public.items())
    ]


def _signed(header: dict[str, str], claims: dict[str, Any], key: TokenKey) -> str:
    """Return a JWS in compact form (RFC 7515, section 7.1; ES256 as in RFC 7518, section 3.4).

    Written out here because joserfc reads the private numbers of a key before it signs, and a key
    behind a backend has none to show.
    """
    text = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    der = keys.private_key(key.key).sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(der)
    return f"{text}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _key_of(message: jws.CompactSignature | Any) -> ECKey:
    header = message.headers()
    kid = header.get("kid")
    if str(header.get("typ", "")).lower() != TYPE or not isinstance(kid, str):
        raise BadToken("not an access token")
    return _cache.public(kid)


def _checked(claims: dict[str, Any]) -> str:
    now = time.time()
    exp, iat, client_id = claims.get("exp"), claims.get("iat"), claims.get("client_id")
    audience = claims.get("aud")
    if claims.get("iss") != settings.PUBLIC_URL:
        raise BadToken("other issuer")
    if not isinstance(audience, str) or audience not in audiences():
        raise BadToken("other audience")
    if type(exp) is not int or type(iat) is not int or not iat - LEEWAY_S <= now < exp:
        raise BadToken("not valid now")
    if not isinstance(client_id, str) or not client_id:
        raise BadToken("no client")
    return client_id
