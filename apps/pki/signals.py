"""What the apps above must follow, sent inside the transaction of the change."""

from django.dispatch import Signal

revoking = Signal()
"""`certificates`: sequence of IssuedCertificate that are about to be revoked. A receiver returns
the names of the locks that what it does at `revoked` needs; all are taken at once, before any row
is held. It may look at the database, but changes nothing."""

revoked = Signal()
"""`certificates`: list of ids of IssuedCertificate; `fingerprints`: their SHA-256 in the same
order; `actor`: who revoked them."""
