"""Keys that nobody gets a certificate for any more."""

from django.db import models


class CompromisedKey(models.Model):
    """A public key of a certificate of ours that was revoked because the private one may be known.

    `key_hash` is the SHA-256 of its SubjectPublicKeyInfo (DER), 32 octets.
    """

    key_hash = models.BinaryField(max_length=32, unique=True)
    revoked_at = models.DateTimeField()

    def __str__(self) -> str:
        return bytes(self.key_hash).hex()
