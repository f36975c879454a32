"""manage.py offline_ca: roots whose keys are kept elsewhere, from files."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import system
from apps.core.errors import DomainError
from apps.pki import services
from apps.pki.ceremony.orders import RESPONDER
from apps.pki.models import Authority

PURPOSES = ("CPO", "MO", "OEM", "CPS", RESPONDER)
LARGEST = 33_000_000
"""Octets of a file that is read; a CRL may have 32 MB."""


class Command(BaseCommand):
    help = (
        "Take in a root by its certificate (add), make a key and write an order for its ceremony"
        " (order), take in the certificate (certificate) and the root's CRLs (crl)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="act", required=True)
        for name in ("add", "order", "certificate", "crl"):
            part = parts.add_parser(name)
            part.add_argument("file", type=Path)
            if name in ("order", "crl"):
                part.add_argument("--root", required=True, help="The root's name.")
        parts.choices["order"].add_argument("--purpose", required=True, choices=PURPOSES)
        parts.choices["order"].add_argument("--name", required=True, help="Common name.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(system("manage.offline_ca"), options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _add(self, actor: Any, options: dict[str, Any]) -> None:
        made = services.add_offline_authority(actor=actor, certificate=_read(options))
        self.stdout.write(
            f"{made.name}, SHA-256 {bytes(made.fingerprint).hex(':')}. Next: its first CRL, and two"
            " persons who submit and confirm it in the RCP."
        )

    def _order(self, actor: Any, options: dict[str, Any]) -> None:
        made = services.order(
            actor=actor, root=_root(options), name=options["name"], purpose=options["purpose"]
        )
        octets = made.text().encode()
        options["file"].write_bytes(octets)
        digest = hashlib.sha256(octets).hexdigest()
        self.stdout.write(f"{options['file']} is to be certified at the ceremony: {digest}")

    def _certificate(self, actor: Any, options: dict[str, Any]) -> None:
        kept = services.keep_certificate(actor=actor, certificate=_read(options))
        self.stdout.write(f"{kept} works from now on.")

    def _crl(self, actor: Any, options: dict[str, Any]) -> None:
        kept = services.keep_crl(actor=actor, authority=_root(options), crl=_read(options))
        self.stdout.write(f"CRL {kept.number} is served until {kept.next_update:%Y-%m-%d %H:%M}.")


def _read(options: dict[str, Any]) -> bytes:
    with options["file"].open("rb") as stream:
        octets: bytes = stream.read(LARGEST)
    return octets


def _root(options: dict[str, Any]) -> Authority:
    found = Authority.objects.select_related("key").filter(
        name=options["root"], level=Authority.Level.ROOT
    )
    if len(found) != 1:
        raise CommandError(f"There is no root {options['root']}, or more than one.")
    return found[0]
