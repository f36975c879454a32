"""manage.py ceremony: what is done with a root's key, on a machine without a network."""

import hashlib
from argparse import ArgumentParser
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.errors import DomainError
from apps.pki.ceremony import acts
from apps.pki.ceremony.orders import Order
from apps.pki.models import RevocationReason
from v2g.protocol import IsoVersion

GENERATIONS: Final = {"ISO15118-2": IsoVersion.ISO_2, "ISO15118-20": IsoVersion.ISO_20}


class Command(BaseCommand):
    help = (
        "Make a V2G root, certify orders of manage.py offline_ca, sign the root's CRL; each act is"
        " added to a transcript that the root key signs. Uses no database and no network."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="act", required=True)
        for name in ("root", "certify", "crl", "show"):
            part = parts.add_parser(name)
            part.add_argument("--folder", type=Path, required=True, help="Of the root's files.")
            if name == "show":
                continue
            part.add_argument("--who", action="append", required=True, help="At least two.")
            part.add_argument("--passphrase-file", type=Path, help="Instead of typing it.")
            if name != "root":
                part.add_argument("--to", type=Path, required=True, help="File to write.")
        parts.choices["root"].add_argument("--name", required=True)
        parts.choices["root"].add_argument("--organization", required=True)
        parts.choices["root"].add_argument("--generation", choices=GENERATIONS, required=True)
        parts.choices["certify"].add_argument("--order", type=Path, required=True)
        parts.choices["crl"].add_argument("--days", type=int, required=True)
        parts.choices["crl"].add_argument(
            "--revoke", action="append", default=[], metavar="SERIAL:REASON", help="Hex serial."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        do: dict[str, Callable[[dict[str, Any]], str]] = {
            "root": self._root,
            "certify": self._certify,
            "crl": self._crl,
            "show": self._show,
        }
        try:
            self.stdout.write(do[options["act"]](options))
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _root(self, options: dict[str, Any]) -> str:
        made = acts.make_root(
            _ceremony(options, twice=True),
            name=options["name"],
            organization=options["organization"],
            version=GENERATIONS[options["generation"]],
        )
        return f"Root {made.common_name}, SHA-256 {made.fingerprint.hex(':')}"

    def _certify(self, options: dict[str, Any]) -> str:
        octets = options["order"].read_bytes()
        order = Order.read(octets)
        digest = hashlib.sha256(octets).hexdigest()
        self.stdout.write(f"To be certified: {order.purpose} {order.name}, order {digest}")
        made = acts.certify(_ceremony(options), order=order, to=options["to"])
        said = f"{order.purpose} {made.common_name}, until {made.not_after:%Y-%m-%d}"
        return f"{said}, SHA-256 {made.fingerprint.hex(':')}"

    def _crl(self, options: dict[str, Any]) -> str:
        revoked = [_entry(text) for text in options["revoke"]]
        number = acts.sign_crl(
            _ceremony(options), days=options["days"], revoked=revoked, to=options["to"]
        )
        return f"CRL {number}"

    def _show(self, options: dict[str, Any]) -> str:
        lines = acts.acts(options["folder"])
        told = (
            f"{one['number']} {one['at']} {one['act']}: {', '.join(one['who'])}" for one in lines
        )
        return "\n".join([*told, f"The transcript holds: {len(lines)} acts."])


def _ceremony(options: dict[str, Any], *, twice: bool = False) -> acts.Ceremony:
    path = options["passphrase_file"]
    if path is not None:
        passphrase = path.read_text("utf-8").rstrip("\n")
    else:
        passphrase = getpass("Passphrase of the root key: ")
        if twice and getpass("Again: ") != passphrase:
            raise CommandError("These were two different passphrases.")
    return acts.Ceremony(options["folder"], tuple(options["who"]), passphrase, timezone.now())


def _entry(text: str) -> tuple[int, str]:
    serial, _colon, reason = text.partition(":")
    try:
        number = int(serial.replace(" ", ""), 16)
    except ValueError as error:
        raise CommandError(f"{serial} is no serial number in hex.") from error
    if reason not in RevocationReason.values:
        raise CommandError(f"The reason is one of {', '.join(RevocationReason.values)}.")
    return number, reason
