"""Second factors of people in tests: an authenticator app and a passkey, both in software."""

import base64
import hmac
import json
import re
import secrets
import struct
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from apps.participants.models import User

SHOWN = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
MADE = SHOWN | AuthenticatorData.FLAG.AT
"""The person was there and was recognised; with a new credential (WebAuthn, section 6.1)."""


@dataclass
class App:
    """An authenticator app that knows a secret (RFC 6238, SHA-1, six digits, 30 seconds)."""

    secret: str

    def code(self, *, steps: int = 0) -> str:
        """Return the code of now; of a later period with `steps`."""
        key = base64.b32decode(self.secret)
        counter = struct.pack(">Q", int(time.time()) // 30 + steps)
        digest = hmac.digest(key, counter, "sha1")
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"


def app(user: User) -> App:
    """Give the person an authenticator app."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    TOTP.activate(user, secret)
    return App(secret)


def recovery_codes(user: User) -> list[str]:
    """Give the person recovery codes."""
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def confirm(client: Client, found: App, *, steps: int = 0) -> Any:
    """Say again who it is, as a person does before what asks again."""
    return client.post("/account/confirm/", {"confirm-code": found.code(steps=steps)})


def has(user: User, kind: str) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=kind).exists())


@dataclass
class Passkey:
    """A passkey of a browser that shows pages of `origin`."""

    origin: str = "http://localhost"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def create(self, page: str) -> str:
        """Answer a page that asks for a new passkey."""
        asked = options(page)["creation_options"]["publicKey"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]  # fido2
        credential = AttestedCredentialData.create(b"\0" * 16, self.identifier, public)
        data = AuthenticatorData.create(self._site(), MADE, 1, credential)
        attestation = AttestationObject.create("none", data, {})
        answer = {"attestationObject": text(bytes(attestation))}
        return self._answer(answer, self._client("webauthn.create", asked["challenge"]))

    def get(self, page: str) -> str:
        """Answer a page that asks for a passkey it knows."""
        asked = options(page)["request_options"]["publicKey"]
        data = bytes(AuthenticatorData.create(self._site(), SHOWN, 2))
        client = self._client("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"authenticatorData": text(data), "signature": text(signed), "userHandle": None}
        return self._answer(answer, client)

    def _site(self) -> bytes:
        return sha256(b"localhost").digest()

    def _client(self, kind: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(kind, challenge, self.origin))

    def _answer(self, response: dict[str, Any], client: bytes) -> str:
        return json.dumps(
            {
                "id": text(self.identifier),
                "rawId": text(self.identifier),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": text(client), **response},
            }
        )


def options(page: str) -> Any:
    """Read what a page hands to the browser's script."""
    found = re.search(r'<script id="passkey-options"[^>]*>(.*?)</script>', page)
    assert found is not None
    return json.loads(found[1])


def text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
