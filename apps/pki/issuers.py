"""Which of our authorities an OCSP request names: by hashes, kept in the memory of each process.

An authority never changes its name or key, so what was once found stays true; only what is not
found is looked for again, and that costs one query however often strangers ask.
"""

import threading
from typing import Final

from apps.pki.models import Authority
from v2g.pki.ocsp import ID_HASHES, CertId

_Name = tuple[str, bytes, bytes]


class _Index:
    """From the hashes of a name and a key to the row of the authority."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[_Name, int] = {}
        self._seen: set[bytes] = set()

    def find(self, cert_id: CertId) -> int | None:
        name = (cert_id.hash_name, cert_id.issuer_name_hash, cert_id.issuer_key_hash)
        if name not in self._rows:
            self._read()
        return self._rows.get(name)

    def _read(self) -> None:
        known = Authority.objects.values_list("pk", "fingerprint")
        new = [pk for pk, fingerprint in known if bytes(fingerprint) not in self._seen]
        for authority in Authority.objects.filter(pk__in=new) if new else ():
            certificate = authority.certificate
            with self._lock:
                for hash_name in ID_HASHES:
                    made = CertId.of(1, certificate, hash_name)
                    key = (hash_name, made.issuer_name_hash, made.issuer_key_hash)
                    self._rows[key] = authority.pk
                self._seen.add(bytes(authority.fingerprint))


_index: Final = _Index()


def authority_of(cert_id: CertId) -> Authority | None:
    """Return the authority that the CertID names, None for an issuer that is not ours."""
    found = _index.find(cert_id)
    if found is None:
        return None
    return Authority.objects.select_related("key").filter(pk=found).first()
