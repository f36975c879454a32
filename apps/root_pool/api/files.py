"""The trust store as files that vehicles and their makers' tools load."""

from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.http import HttpResponse

from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only
from v2g.pki.pem import pem


def trust_store(roots: Sequence[Certificate], file_format: str) -> HttpResponse:
    """Return the download: PEM, a certs-only SignedData in DER (`p7b`), or a `zip` of DER files."""
    if file_format == "zip":
        return _file(_zip(roots), "application/zip", "zip")
    if file_format == "p7b":
        return _file(certs_only(roots), "application/x-pkcs7-certificates", "p7b")
    return _file(pem(roots), "application/x-pem-file", "pem")


def _zip(roots: Sequence[Certificate]) -> bytes:
    """One file per root, named by the first octets of its SHA-256."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for root in roots:
            archive.writestr(f"{root.fingerprint.hex()[:16]}.cer", root.der)
    return out.getvalue()


def _file(data: bytes, media_type: str, ending: str) -> HttpResponse:
    name = f"trust-store.{ending}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media_type, headers=disposition)
