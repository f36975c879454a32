"""Status of the certificates of a path: ours from our tables, others by CRL and OCSP."""

from apps.pki.status.answers import Key
from apps.pki.status.batches import check_many
from apps.pki.status.checking import check_now, stored
from apps.pki.status.knowing import Known, known_status
from apps.pki.status.own import lost, require_still_issued, revoked_just_now
from apps.pki.status.policy import Source, StatusPolicy
from apps.pki.status.records import CertificateStatus, record_of
from apps.pki.status.refreshing import refresh_due
from apps.pki.status.revocations import revoked_among, revoked_for_good, revoked_sub_cas

__all__ = [
    "CertificateStatus",
    "Key",
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
    "revoked_among",
    "revoked_for_good",
    "revoked_just_now",
    "revoked_sub_cas",
    "stored",
]
