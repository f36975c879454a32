"""Where private keys of the vault backend rest, sealed."""

import uuid

from django.db import models


class StoredKey(models.Model):
    """One private key of ours. Callers hold the reference `backend:uuid`, never the key.

    `sealed` is AES-256-GCM over the PKCS#8 DER, bound to this table, this row and `key_version`,
    the number of the vault key that sealed it. Other backends (HSM) keep only the public half here.
    """

    class Curve(models.TextChoices):
        P256 = "secp256r1"
        P521 = "secp521r1"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    backend = models.CharField(max_length=20)
    label = models.CharField(max_length=120)
    curve = models.CharField(max_length=12, choices=Curve)
    public_der = models.BinaryField(max_length=200)
    sealed = models.BinaryField(max_length=1000, null=True)
    key_version = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "key"

    def __str__(self) -> str:
        return f"{self.label} ({self.curve})"
