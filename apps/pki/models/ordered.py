"""What was ordered of roots whose keys are kept elsewhere."""

from django.db import models

from apps.keys.models import StoredKey
from apps.pki.models.authorities import Authority, IssuedCertificate


class OrderedCertificate(models.Model):
    """A key that was made here and goes to a root's ceremony as a request (CSR).

    `purpose` is that of a Sub1, or OCSP for a responder; `certificate` is what came back.
    """

    number = models.CharField(max_length=16, unique=True)
    root = models.ForeignKey(Authority, models.PROTECT, related_name="orders")
    key = models.OneToOneField(StoredKey, models.PROTECT)
    purpose = models.CharField(max_length=4)
    name = models.CharField(max_length=64)
    ordered_at = models.DateTimeField(auto_now_add=True)
    certificate = models.OneToOneField(IssuedCertificate, models.PROTECT, null=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.name}"
