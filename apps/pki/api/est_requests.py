"""What an EST request says besides its body: the generation in its URL, the TLS certificate."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest

from apps.core.addresses import came_from
from apps.core.errors import Invalid
from apps.pki.labels import Label
from v2g.errors import V2GError
from v2g.pki.csr import MAX_SIZE
from v2g.protocol import IsoVersion

MAX_CERTIFICATE: Final = 8_000
"""Characters of the header with the client certificate."""

_VERSIONS: Final = {"iso15118-2": IsoVersion.ISO_2, "iso15118-20": IsoVersion.ISO_20}
_ALGORITHMS: Final = {"secp256r1": IsoVersion.ISO_2, "secp521r1": IsoVersion.ISO_20}
_COLONS: Final = re.compile(rb":([A-Za-z0-9+/=]+):")


def version_of(request: HttpRequest, label: Label, segments: list[str]) -> IsoVersion:
    """Read `[/{iso}][/{algorithm}]`, else `xsdMsgDefNamespace`, else the label's own version.

    One of the two may stand alone. Raises Invalid for unknown ones and those that contradict.
    """
    wanted = [_segment(segment.lower()) for segment in segments]
    namespace = request.GET.get("xsdMsgDefNamespace")
    if namespace:
        try:
            wanted.append(IsoVersion.parse(namespace))
        except V2GError as error:
            raise Invalid("namespace", "xsdMsgDefNamespace is not supported.") from error
    if label.only_version:
        wanted.append(label.only_version)
    if len(set(wanted)) > 1:
        raise Invalid(
            "version",
            "The parts of the URL do not fit together: ISO 15118-2 goes with secp256r1, "
            "ISO 15118-20 and label veh with secp521r1.",
        )
    return wanted[0] if wanted else IsoVersion.ISO_2


def _segment(text: str) -> IsoVersion:
    found = _VERSIONS.get(text) or _ALGORITHMS.get(text)
    if found is None:
        raise Invalid(
            "version",
            "Known are ISO15118-2 and ISO15118-20, secp256r1 and secp521r1.",
        )
    return found


def body_of(request: HttpRequest) -> bytes:
    """Read the signing request, at most one octet more than may be."""
    return request.read(MAX_SIZE + 1)


def client_certificate_of(request: HttpRequest) -> bytes | None:
    """Return the TLS client certificate that a proxy of ours saw, None without one.

    The header counts only from CLIENT_CERTIFICATE_PROXIES; from anybody else it is not looked at.
    It holds base64 of the DER, with colons (RFC 9440) or without, or PEM with percent signs.
    """
    if not came_from(request, settings.CLIENT_CERTIFICATE_PROXIES):
        return None
    value = request.headers.get(settings.CLIENT_CERTIFICATE_HEADER, "").strip()
    if len(value) > MAX_CERTIFICATE:
        raise Invalid("client_certificate", "The client certificate cannot be read.")
    plain = unquote_to_bytes(value)
    in_colons = _COLONS.fullmatch(plain)
    return (in_colons[1] if in_colons else plain) or None
