"""What the apps above must follow, sent inside the transaction of the change."""

from django.dispatch import Signal

removed = Signal()
"""`roots`: list of ids of RootCertificate removed by two persons; `actor`: the second of them."""
