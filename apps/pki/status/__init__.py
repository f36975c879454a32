"""Status of the certificates of a path: ours from our tables, others by CRL and OCSP."""

from apps.pki.status.batches import check_many
from apps.pki.status.checking import check_now, stored
from apps.pki.status.knowing import Known, known_status
from apps.pki.status.own import lost, require_still_issued, revoked_just_now
from apps.pki.status.policy import Source, StatusPolicy
from apps.pki.status.records import CertificateStatus, record_of
from apps.pki.status.refreshing import refresh_due

__all__ = [
    "CertificateStatus",
    "Known",
    "Source",
    "StatusPolicy",
    "check_many",
    "check_now",
    "known_status",
    "lost",
    "record_of",
    "refresh_due",
    "require_still_issued",
    "revoked_just_now",
    "stored",
]
