"""Writing the audit trail, sealing it, archiving it, and checking it."""

from apps.audit.services.archiving import Archived, archive
from apps.audit.services.chain import Finding
from apps.audit.services.recording import Entry, record, record_many
from apps.audit.services.refusals import count_suppressed, keep_refusal, record_refusal
from apps.audit.services.sealing import seal_new
from apps.audit.services.verifying import verify, verify_newest

__all__ = [
    "Archived",
    "Entry",
    "Finding",
    "archive",
    "count_suppressed",
    "keep_refusal",
    "record",
    "record_many",
    "record_refusal",
    "seal_new",
    "verify",
    "verify_newest",
]
