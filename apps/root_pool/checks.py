"""What a root must be before a second person is asked to look at it."""

from datetime import datetime
from typing import Final

from apps.core.errors import Invalid
from v2g.errors import CertificateError, ChainError
from v2g.pki.anchors import RootKind
from v2g.pki.certificate import ED448, Certificate
from v2g.pki.chains import check_root
from v2g.protocol import IsoVersion

MAX_DER: Final = 4000
"""Octets; ISO 15118-2 allows 800 [V2G2-010], roots of the field have more."""

_VERSIONS: Final = {version.curve.name: version for version in IsoVersion} | {
    ED448: IsoVersion.ISO_20
}


def read(der: bytes) -> Certificate:
    """Read the certificate; Invalid where it is too long or cannot be read."""
    if len(der) > MAX_DER:
        raise Invalid("malformed", f"The root certificate is over {MAX_DER:,} octets long.")
    try:
        return Certificate.from_der(der)
    except CertificateError as error:
        raise Invalid("malformed", "Invalid certificate format on caCertificate") from error


def check(certificate: Certificate, kind: RootKind, at: datetime) -> IsoVersion:
    """Check that it is a usable root, and return the generation of ISO 15118 its curve is of.

    Signed by its own key, cA TRUE, keyCertSign where a key usage is stated, a curve of ISO 15118,
    not expired. Raises Invalid with the first thing that is wrong.
    """
    version = _VERSIONS.get(certificate.curve)
    if version is None:
        raise Invalid("wrong_curve", f"{certificate.curve} is not a curve of ISO 15118.")
    try:
        check_root(certificate, kind, version)
    except ChainError as error:
        raise Invalid(error.code, f"{error}.") from error
    if at > certificate.not_after:
        raise Invalid(
            "expired", f"The {kind.value} root expired on {certificate.not_after:%Y-%m-%d}."
        )
    return version
