"""The trust store as files that vehicles and their makers' tools load."""

from collections.abc import Sequence

from django.http import HttpResponse

from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only
from v2g.pki.pem import pem


def trust_store(roots: Sequence[Certificate], file_format: str) -> HttpResponse:
    """Return the download: PEM blocks, or a certs-only SignedData in DER (`p7b`)."""
    if file_format == "p7b":
        return _file(certs_only(roots), "application/x-pkcs7-certificates", "p7b")
    return _file(pem(roots), "application/x-pem-file", "pem")


def _file(data: bytes, media_type: str, ending: str) -> HttpResponse:
    name = f"trust-store.{ending}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media_type, headers=disposition)
