"""The trust store as files that vehicles and their makers' tools load."""

import base64
import textwrap
from collections.abc import Sequence

from django.http import HttpResponse

from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only


def trust_store(roots: Sequence[Certificate], file_format: str) -> HttpResponse:
    """Return the download: PEM blocks, or a certs-only SignedData in DER (`p7b`)."""
    if file_format == "p7b":
        return _file(certs_only(roots), "application/x-pkcs7-certificates", "p7b")
    text = "".join(_pem(root) for root in roots)
    return _file(text.encode("ascii"), "application/x-pem-file", "pem")


def _file(data: bytes, media_type: str, ending: str) -> HttpResponse:
    name = f"trust-store.{ending}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=media_type, headers=disposition)


def _pem(root: Certificate) -> str:
    """RFC 7468, lines of 64 characters."""
    lines = "\n".join(textwrap.wrap(base64.b64encode(root.der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
