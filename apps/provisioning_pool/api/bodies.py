"""What callers of the PCP send."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from apps.core.api import base64_text
from apps.core.errors import Invalid
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.messages import malformed, parse_pcid
from v2g.errors import V2GError
from v2g.ids import Pcid
from v2g.protocol import IsoVersion

MAX_TEXT: Final = 4000
"""Characters of the base64 of one certificate, line breaks included."""
MAX_V2G_ROOTS: Final = 50
_KEY_IDENTIFIER: Final = re.compile(r"[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){0,63}")

_VEHICLE: Final = ("vehicleCertificate", "provisioningCertificate")
_SUB1: Final = ("subCA1Certificate", "subCa1Certificate")
_SUB2: Final = ("subCA2Certificate", "subCa2Certificate")


@dataclass(frozen=True, slots=True)
class Publication:
    """The body of addOEMProvCert; both spellings of OPCP's certificate names are read."""

    chain: Chain
    version: IsoVersion
    v2g_roots: tuple[bytes, ...]
    previous_pcid: Pcid | None

    @classmethod
    def parse(cls, body: object) -> Self:
        """Read the body; Invalid with OPCP's text for a field that is missing or malformed."""
        if not isinstance(body, dict):
            raise Invalid("body", "The request body must be a JSON object.")
        chain = Chain(
            vehicle=_der(_first(body, _VEHICLE), "vehicleCertificate"),
            sub2=_optional_der(_first(body, _SUB2), "subCa2Certificate"),
            sub1=_der(_first(body, _SUB1), "subCa1Certificate"),
        )
        previous = body.get("previousPcid")
        return cls(
            chain,
            _version(body.get("xsdMsgDefNamespace")),
            _key_identifiers(body.get("v2gRootAuthorityKeyIdentifiers")),
            None if previous is None else _previous(previous),
        )


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> object:
    return next((body[name] for name in names if body.get(name) is not None), None)


def _optional_der(value: object, field: str) -> bytes | None:
    return None if value is None or value == "" else _der(value, field)


def _der(value: object, field: str) -> bytes:
    der = base64_text.decode(value, limit=MAX_TEXT)
    if not der:
        raise malformed(field)
    return der


def _version(value: object) -> IsoVersion:
    """The namespace; without one ISO 15118-2."""
    if value is None:
        return IsoVersion.ISO_2
    try:
        return IsoVersion.parse(value if isinstance(value, str) else "")
    except V2GError as error:
        known = ", ".join(version.namespace for version in IsoVersion)
        raise Invalid("namespace", f"xsdMsgDefNamespace : must be one of {known}") from error


def _key_identifiers(value: object) -> tuple[bytes, ...]:
    """Hex with or without colons; the same one twice counts once, their order is kept."""
    items = [] if value is None else value
    if not isinstance(items, list) or len(items) > MAX_V2G_ROOTS:
        raise _bad_identifiers()
    found: dict[bytes, None] = {}
    for item in items:
        if not isinstance(item, str) or not _KEY_IDENTIFIER.fullmatch(item):
            raise _bad_identifiers()
        found[bytes.fromhex(item.replace(":", ""))] = None
    return tuple(found)


def _bad_identifiers() -> Invalid:
    return Invalid(
        "key_identifiers",
        "v2gRootAuthorityKeyIdentifiers : must be a list of at most "
        f"{MAX_V2G_ROOTS} key identifiers in hex, separated by colons",
    )


def _previous(value: object) -> Pcid:
    try:
        return parse_pcid(value if isinstance(value, str) else "")
    except Invalid as error:
        raise Invalid("previous_pcid", f"previousPcid : {error.message}") from error
