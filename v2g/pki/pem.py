"""Certificates as text (RFC 7468)."""

import base64
import textwrap
from collections.abc import Iterable

from v2g.pki.certificate import Certificate


def pem(certificates: Iterable[Certificate]) -> bytes:
    """One block for each certificate, in lines of 64 characters."""
    return "".join(_block(certificate.der) for certificate in certificates).encode("ascii")


def _block(der: bytes) -> str:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
