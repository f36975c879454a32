"""XML signatures of messages, checked against the certificate that is said to have signed."""

from cryptography.hazmat.primitives.asymmetric import ec

from apps.core.errors import Invalid
from v2g import exi, signature
from v2g.errors import SignatureError
from v2g.pki.certificate import Certificate


def require(message: exi.Message, certificate: Certificate, *, whose: str) -> None:
    """Require that the key of the certificate signed exactly what such a message signs.

    The certificate itself is checked elsewhere. Raises Invalid: `signature`.
    """
    key = certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Invalid("signature", f"The signature of {whose} is on another curve.")
    try:
        signature.verify(message, key)
    except SignatureError as error:
        raise Invalid("signature", f"The signature of {whose} is invalid: {error}.") from error
