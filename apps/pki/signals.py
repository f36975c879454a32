"""What the apps above must follow, sent inside the transaction of the change."""

from django.dispatch import Signal

revoked = Signal()
"""`certificates`: list of ids of IssuedCertificate; `fingerprints`: their SHA-256 in the same
order; `actor`: who revoked them."""
