"""What the apps above must follow, sent inside the transaction of the change."""

from django.dispatch import Signal

withdrawn = Signal()
"""`pcids`: list of canonical PCIDs that left the pool; `reason`: why, a short code; `actor`.
A receiver returns how many contracts left with them."""

factory_reset = Signal()
"""`pcids`: list of canonical PCIDs whose vehicles forgot their contracts; `actor`."""

rekeyed = Signal()
"""`pcids`: list of canonical PCIDs whose certificate now has another key; `actor`."""
