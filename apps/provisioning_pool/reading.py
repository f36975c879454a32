"""A vehicle as look-ups answer with it: one statement, another for the stored status.

What was verified before the row was written stays true, but for what can change: whether the root
is trusted, what time it is, and the status. These are looked at in each read, and no certificate is
parsed. Where they do not plainly hold, or the row was checked by other rules than today's, the
whole chain is verified again (`selectors.verify_stored`), which finds the words for what is wrong.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django.db import connection

from apps.core import statements
from apps.core.errors import Invalid
from apps.pki.status import Source
from apps.pki.status.reading import Held, require_good
from apps.pki.status.records import RULE_SET
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.ids import Pcid

FOREIGN: Final = frozenset({Source.CRL.value, Source.OCSP.value})

# Every join is over a unique index.
_SELECT: Final = """
SELECT v.der, s2.der, s1.der, v.namespace, v.fingerprint, r.subject, r.serial, r.key_identifier,
       v.v2g_roots, v.previous_pcid,
       v.checks, v.root_id, (SELECT number FROM root_pool_generation WHERE id = 1),
       v.not_before <= %s AND v.not_after >= %s AND s1.not_after >= %s
           AND (s2.id IS NULL OR s2.not_after >= %s)
  FROM provisioning_pool_provisioningcertificate v
  JOIN root_pool_rootcertificate r ON r.id = v.root_id
  JOIN pki_subca s1 ON s1.id = v.sub_ca1_id
  LEFT JOIN pki_subca s2 ON s2.id = v.sub_ca2_id
 WHERE v.pcid = %s
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What OPCP tells of a vehicle. Certificates in DER; `v2g_roots` are key identifiers (hex)."""

    der: bytes
    sub_ca2: bytes | None
    sub_ca1: bytes
    namespace: str
    fingerprint: bytes
    root_subject: str
    root_serial: bytes
    root_key_identifier: bytes
    v2g_roots: Sequence[str]
    previous_pcid: str

    @classmethod
    def of(cls, row: ProvisioningCertificate) -> Self:
        """Take it from a row with its sub-CAs and root."""
        return cls(
            bytes(row.der),
            bytes(row.sub_ca2.der) if row.sub_ca2 else None,
            bytes(row.sub_ca1.der),
            row.namespace,
            bytes(row.fingerprint),
            row.root.subject,
            bytes(row.root.serial),
            bytes(row.root.key_identifier),
            row.v2g_roots,
            row.previous_pcid,
        )


def find(pcid: Pcid, *, at: datetime) -> tuple[Shown, bool] | None:
    """Read the vehicle of a PCID, and whether all that can change since it was checked is good."""
    moment = connection.ops.adapt_datetimefield_value(at)
    rows = statements.run(_SELECT, [moment, moment, moment, moment, str(pcid)])
    for row in rows:
        der, sub2, sub1, namespace, fingerprint, subject, serial, key, v2g, previous, *more = row
        shown = Shown(
            bytes(der),
            bytes(sub2) if sub2 is not None else None,
            bytes(sub1),
            namespace,
            bytes(fingerprint),
            subject,
            bytes(serial),
            bytes(key),
            json.loads(v2g),
            previous,
        )
        return shown, _is_good(*more, at=at)
    return None


def held(checks: Mapping[str, Any], root: TrustedRoot) -> Iterator[Held]:
    """The foreign certificates in a record of `apps.pki.status`, whose stored status counts."""
    for one in checks["status"]:
        if one["by"] in FOREIGN:
            issuer, serial = bytes.fromhex(one["issuer"]), bytes.fromhex(one["serial"])
            yield Held(issuer, serial, root.policy.max_age)


def _is_good(checks: str, root_id: int, number: int | None, valid: object, *, at: datetime) -> bool:
    root = roots.trusted_by_pk(root_id, known_generation=number or 0)
    if root is None or not valid:
        return False
    if not root.certificate.not_before <= at <= root.certificate.not_after:
        return False
    record = json.loads(checks)
    if record["rules"] != RULE_SET or any(one["by"] not in FOREIGN for one in record["status"]):
        return False
    try:
        require_good(list(held(record, root)), at=at)
    except Invalid:
        return False
    return True
