"""The EXI inspector: what a message of a vehicle or for a vehicle says, and whether it holds."""

from apps.cpo.inspector.reading import MAX_TYPED, ReadMessage, octets_of, read
from apps.cpo.inspector.verdicts import Finding, Said, Subject, Verdict, judge

__all__ = [
    "MAX_TYPED",
    "Finding",
    "ReadMessage",
    "Said",
    "Subject",
    "Verdict",
    "judge",
    "octets_of",
    "read",
]
