"""The acts of a ceremony: make a root, certify what was ordered, sign a CRL.

The folder holds `root.pem`, `root.key` (PKCS#8, encrypted with a passphrase) and the transcript.
It belongs onto a medium that is locked away; `root.key` never leaves it.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from apps.core.errors import Conflict, Invalid
from apps.pki.ceremony import transcript
from apps.pki.ceremony.orders import Order, profile_of
from apps.pki.ceremony.transcript import Act
from v2g.errors import CertificateError, StatusError
from v2g.pki import builder, bundle
from v2g.pki.builder import Draft, Subject
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Revoked, build_crl
from v2g.pki.csr import SigningRequest
from v2g.pki.pem import pem
from v2g.pki.profiles import V2G_ROOT, Profile
from v2g.protocol import IsoVersion

ROOT: Final = "root.pem"
KEY: Final = "root.key"
PASSPHRASE_AT_LEAST: Final = 20
WITNESSES_AT_LEAST: Final = 2
BACKDATED: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Ceremony:
    """Who meets where, and when; `who` are at least two names."""

    folder: Path
    who: tuple[str, ...]
    passphrase: str
    at: datetime

    def __post_init__(self) -> None:
        if len({one.strip().casefold() for one in self.who if one.strip()}) < WITNESSES_AT_LEAST:
            raise Invalid("alone", "A ceremony needs two persons: name both.")


def make_root(
    ceremony: Ceremony, *, name: str, organization: str, version: IsoVersion
) -> Certificate:
    """Make a root key and its certificate. Raises Conflict where the folder holds one, Invalid."""
    if len(ceremony.passphrase) < PASSPHRASE_AT_LEAST:
        raise Invalid("short", f"The passphrase needs {PASSPHRASE_AT_LEAST} characters.")
    folder = ceremony.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict("not_empty", f"{folder} is not empty; a root overwrites nothing.")
    key = ec.generate_private_key(version.curve)
    subject = Subject(name, organization)
    made = _sign(key, None, V2G_ROOT, version, subject, key.public_key(), ceremony.at)
    sealed = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(ceremony.passphrase.encode())
    )
    _write(folder / KEY, sealed)
    _write(folder / ROOT, pem([made]))
    detail = {"name": name, "ends": made.not_after.isoformat()}
    _log(ceremony, "root", key, {ROOT: made.der}, detail)
    return made


def certify(ceremony: Ceremony, *, order: Order, to: Path) -> Certificate:
    """Sign what was ordered: a Sub1 for as long as its profile allows, or an OCSP responder.

    The certificate is written to `to`. Raises Invalid for another root's order, a request that
    does not prove its key, and what breaks its profile; Conflict for an order that was signed.
    """
    root, key, before = _open(ceremony)
    if order.root != root.fingerprint.hex():
        raise Invalid("other_root", "The order is for another root.")
    if any(line["detail"].get("order") == order.number for line in before):
        raise Conflict("ordered_already", "This order was signed before.")
    profile = profile_of(order.purpose)
    csr = order.csr.encode()
    try:
        request = SigningRequest.read(csr)
    except CertificateError as error:
        raise Invalid("bad_request", f"The request does not count: {error}.") from error
    subject = Subject(order.name, next(iter(root.subject.values("O")), ""))
    urls = (order.ocsp_url, order.crl_url) if profile.needs_status_url else ("", "")
    version = _version(root)
    made = _sign(key, root, profile, version, subject, request.public_key, ceremony.at, urls=urls)
    _write(to, pem([made]))
    detail = {"order": order.number, "name": order.name, "purpose": order.purpose}
    detail |= {"serial": made.serial_octets.hex(), "ends": made.not_after.isoformat()}
    _log(ceremony, "certify", key, {"request": csr, to.name: made.der}, detail)
    return made


def sign_crl(ceremony: Ceremony, *, days: int, revoked: Sequence[tuple[int, str]], to: Path) -> int:
    """Sign the next list: all that it named before and what is added (serial, reason).

    Numbers and entries come from the transcript. Returns the number. Raises Invalid.
    """
    root, key, before = _open(ceremony)
    lists = [line for line in before if line["act"] == "crl"]
    entries = {one["serial"]: one for one in lists[-1]["detail"]["revoked"]} if lists else {}
    now = ceremony.at.replace(microsecond=0)
    for serial, reason in revoked:
        entry = {"serial": f"{serial:x}", "reason": reason, "at": now.isoformat()}
        entries.setdefault(entry["serial"], entry)
    number = len(lists) + 1
    try:
        der = build_crl(
            [_entry(one) for one in entries.values()],
            issuer=root,
            signing_key=key,
            version=_version(root),
            number=number,
            this_update=now - BACKDATED,
            next_update=now + timedelta(days=days),
        )
    except (StatusError, ValueError) as error:
        raise Invalid("bad_crl", f"The CRL cannot be signed: {error}.") from error
    _write(to, der)
    detail = {"number": number, "revoked": list(entries.values()), "days": days}
    _log(ceremony, "crl", key, {to.name: der}, detail)
    return number


def acts(folder: Path) -> list[dict[str, Any]]:
    """Return the transcript, every line checked with the root's public key. Raises Invalid."""
    return transcript.read(folder, _public(_root(folder)))


def _open(
    ceremony: Ceremony,
) -> tuple[Certificate, ec.EllipticCurvePrivateKey, list[dict[str, Any]]]:
    root = _root(ceremony.folder)
    try:
        octets = (ceremony.folder / KEY).read_bytes()
        key = load_pem_private_key(octets, ceremony.passphrase.encode())
    except (OSError, ValueError, TypeError) as error:
        raise Invalid("no_key", "The root key does not open: wrong passphrase or file.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key:
        raise Invalid("no_key", "The key is not the root's.")
    return root, key, transcript.read(ceremony.folder, key.public_key())


def _root(folder: Path) -> Certificate:
    try:
        return bundle.read_certificate((folder / ROOT).read_bytes())
    except (OSError, CertificateError) as error:
        raise Invalid("no_root", f"{folder} holds no root.") from error


def _public(root: Certificate) -> ec.EllipticCurvePublicKey:
    if not isinstance(root.public_key, ec.EllipticCurvePublicKey):
        raise Invalid("no_root", "The root has no key on a curve of ISO 15118.")
    return root.public_key


def _version(root: Certificate) -> IsoVersion:
    return next(version for version in IsoVersion if version.curve.name == root.curve)


def _sign(
    key: ec.EllipticCurvePrivateKey,
    issuer: Certificate | None,
    profile: Profile,
    version: IsoVersion,
    subject: Subject,
    public_key: ec.EllipticCurvePublicKey,
    at: datetime,
    *,
    urls: tuple[str, str] = ("", ""),
) -> Certificate:
    begins = (at - BACKDATED).replace(microsecond=0)
    if issuer:
        begins = max(begins, issuer.not_before)
    ends = begins + profile.max_validity
    draft = Draft(
        profile=profile,
        version=version,
        subject=subject,
        public_key=public_key,
        serial=builder.serial_from(secrets.token_bytes(builder.SERIAL_OCTETS)),
        not_before=begins,
        not_after=min(ends, issuer.not_after) if issuer else ends,
        ocsp_url=urls[0],
        crl_url=urls[1],
    )
    try:
        return builder.issue(draft, issuer=issuer, signing_key=key)
    except CertificateError as error:
        raise Invalid("breaks_profile", f"The certificate cannot be made: {error}.") from error


def _entry(said: dict[str, str]) -> Revoked:
    at = datetime.fromisoformat(said["at"]).astimezone(UTC)
    return Revoked(int(said["serial"], 16), at, said["reason"])


def _write(path: Path, data: bytes) -> None:
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise Invalid("no_file", f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _log(
    ceremony: Ceremony,
    act: str,
    key: ec.EllipticCurvePrivateKey,
    files: dict[str, bytes],
    detail: dict[str, Any],
) -> None:
    done = Act(act=act, who=ceremony.who, at=ceremony.at, files=files, detail=detail)
    transcript.write(ceremony.folder, done, key)
