"""Certificates out of uploaded files, in memory: single files of all forms, and ZIPs of many.

Everything is bounded before it is done: octets in and out, members, rounds of password hashing.
One private key anywhere refuses the whole upload; a file that cannot be read is its own outcome.
"""

import csv
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.oem import csv_files
from v2g.errors import CertificateError, PasswordError, PrivateKeyError
from v2g.pki.bundle import Password, find_certificates

MAX_IN: Final = 20_000_000
"""Octets of all uploaded files together."""
MAX_OUT: Final = 100_000_000
"""Octets of all that is unpacked."""
MAX_MEMBERS: Final = 20_000
"""Files in a ZIP, and certificates in an upload."""
MAX_ROUNDS: Final = 2_000_000
"""Rounds of password hashing of all PKCS#12 files together: about a second."""
MAX_NAME: Final = 200

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY: Final = b"PK\x01\x02"
_ENCRYPTED: Final = 0x1
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was uploaded or unpacked."""

    name: str
    octets: bytes


@dataclass(slots=True)
class Contents:
    """What was found: DER by the name of the first file that has it, and what was no use.

    `repeated` counts certificates that were there before.
    """

    certificates: dict[bytes, str] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0


def read(files: Sequence[File], password: str) -> Contents:
    """Find all certificates. Raises Invalid: private_key, password, zip, csv,
    too_many, too_large."""
    if sum(len(file.octets) for file in files) > MAX_IN:
        raise Invalid("too_large", too_large())
    reader = _Reader(password)
    for file in files:
        for one in _unpacked(file, reader):
            reader.take(one)
    return reader.contents


def too_large() -> str:
    """Say that an upload is over its bounds, and what to do."""
    return _(
        "The upload is over 20 MB or has over 1,000 files. Put the certificates into a ZIP, "
        "or send them in parts."
    )


class _Reader:
    """Reads file by file and keeps count of what all of them together cost."""

    def __init__(self, password: str) -> None:
        self.contents = Contents()
        self.octets_left = MAX_OUT
        self._rounds_left = MAX_ROUNDS
        self._password = Password(text=password, spend=self._spend)

    def take(self, file: File) -> None:
        try:
            found = find_certificates(file.octets, self._password)
        except PrivateKeyError as error:
            raise Invalid("private_key", _key_found(file.name)) from error
        except PasswordError as error:
            raise Invalid("password", _not_opened(file.name)) from error
        except CertificateError as error:
            self.contents.unreadable.append((file.name, str(error)))
            found = []
        for der in found:
            self.contents.repeated += der in self.contents.certificates
            self.contents.certificates.setdefault(der, file.name)
        if len(self.contents.certificates) > MAX_MEMBERS:
            raise Invalid("too_many", _("Over 20,000 certificates. Send them in parts."))

    def unpack(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        """Unpack one member, within what is left for all of them."""
        with archive.open(entry) as stream:
            octets = stream.read(self.octets_left + 1)
        self.octets_left -= len(octets)
        if self.octets_left < 0:
            raise Invalid("zip", _("The ZIP holds over 100 MB. Send the certificates in parts."))
        return octets

    def _spend(self, rounds: int) -> None:
        self._rounds_left -= rounds
        if self._rounds_left < 0:
            raise CertificateError(
                "the PKCS#12 files of this upload ask for too much hashing together: send PEM"
            )


def _unpacked(file: File, reader: _Reader) -> Iterator[File]:
    """The files in a ZIP, the rows of our own CSV file; any other file is itself."""
    if not file.octets.startswith(_ZIP):
        yield from _rows(file)
        return
    # Counted before they are listed: the list of a hostile ZIP is what costs memory.
    if file.octets.count(_ENTRY) > MAX_MEMBERS:
        raise Invalid("zip", _("The ZIP has over 20,000 files. Send the certificates in parts."))
    try:
        with zipfile.ZipFile(BytesIO(file.octets)) as archive:
            for entry in archive.infolist():
                if not _is_by_the_way(entry):
                    yield from _member(archive, entry, reader)
    except _BROKEN as error:
        raise Invalid("zip", _not_a_zip(file.name)) from error


def _rows(file: File) -> Iterator[File]:
    name, rows = file.name[-MAX_NAME:], csv_files.rows_of(file.octets)
    if rows is None:
        yield File(name, file.octets)
        return
    try:
        for number, octets in enumerate(rows, start=1):
            if number > MAX_MEMBERS:
                raise Invalid("too_many", _("Over 20,000 certificates. Send them in parts."))
            yield File(f"{name} ({number})", octets)
    except csv.Error as error:
        raise Invalid("csv", _not_a_csv(name)) from error


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, reader: _Reader) -> Iterator[File]:
    name = entry.filename[-MAX_NAME:]
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        reader.contents.unreadable.append((name, "it is encrypted or packed in an unknown way"))
        return
    octets = reader.unpack(archive, entry)
    if octets.startswith(_ZIP):
        reader.contents.unreadable.append((name, "a ZIP inside a ZIP is not opened"))
        return
    yield File(name, octets)


def _is_by_the_way(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what desktop systems leave in a ZIP."""
    name = entry.filename
    hidden = name.rsplit("/", 1)[-1].startswith(".")
    return entry.is_dir() or name.startswith("__MACOSX/") or hidden


def _key_found(name: str) -> str:
    return _(
        "%(file)s holds a private key. We never need it: keep it, and send only the "
        "certificates. Nothing of this upload was stored."
    ) % {"file": name}


def _not_opened(name: str) -> str:
    return _("This password does not open %(file)s. Type the password of the file.") % {
        "file": name
    }


def _not_a_csv(name: str) -> str:
    return _("%(file)s is no CSV file as it was exported here. Export it again.") % {"file": name}


def _not_a_zip(name: str) -> str:
    return _("%(file)s cannot be unpacked. Make the ZIP again.") % {"file": name}
