"""What callers of the RCP send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from apps.core.api import base64_text
from apps.core.errors import Invalid
from apps.root_pool.models import RootCertificate

MAX_TEXT = 6000
"""Characters of base64, for the 4,000 octets that a root may have with line breaks."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The body of saveRootCa: `caCertificate` (base64 DER) and `rootType` in any case."""

    der: bytes
    root_type: RootCertificate.Type

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the body; Invalid names the field that is missing or malformed."""
        if not isinstance(body, dict):
            raise Invalid("body", "The request body must be a JSON object.")
        return cls(_der(body.get("caCertificate")), _root_type(body.get("rootType")))


def root_type_filter(parameters: Mapping[str, str]) -> RootCertificate.Type | None:
    """Read the query parameter `rootType` in any case; Invalid for an unknown type."""
    value = parameters.get("rootType")
    return _root_type(value) if value else None


def file_format(parameters: Mapping[str, str]) -> str:
    """Read the query parameter `format` in any case, PEM without one; Invalid for another."""
    value = parameters.get("format", "pem").lower()
    if value not in ("pem", "p7b"):
        raise Invalid("format", "format : must be one of pem, p7b")
    return value


def _root_type(value: object) -> RootCertificate.Type:
    name = value.upper() if isinstance(value, str) else ""
    if name not in RootCertificate.Type.values:
        raise Invalid("root_type", "rootType : must be one of V2G, OEM, MO, PE")
    return RootCertificate.Type(name)


def _der(value: object) -> bytes:
    der = base64_text.decode(value, limit=MAX_TEXT)
    if not der:
        raise Invalid("malformed", "Invalid certificate format on caCertificate")
    return der
