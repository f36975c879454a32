"""manage.py backup: write the whole database into a folder."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import system
from apps.core.errors import DomainError
from apps.operator import backup


class Command(BaseCommand):
    help = "Write every table, as it is at one instant, into an empty folder, with a manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, type=Path, help="Folder, new or empty.")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            made = backup.make(actor=system("manage.backup"), folder=options["to"])
        except DomainError as error:
            raise CommandError(error.message) from error
        versions = ", ".join(map(str, made.vault_keys)) or "none"
        self.stdout.write(f"{made.rows} rows of {len(made.parts)} tables, as of {made.made_at}.")
        self.stdout.write(
            f"VAULT_KEYS (versions {versions}) and AUDIT_KEYS are not in it: keep them elsewhere;"
            " without them it is worth nothing."
        )
