"""manage.py verify_backup: read a backup through."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import DomainError
from apps.core.secret_keys import secret_keys
from apps.operator import backup


class Command(BaseCommand):
    help = "Check every file of a backup against its manifest, and that its vault keys are here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", required=True, type=Path, dest="folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = backup.check(folder=options["folder"])
        except DomainError as error:
            raise CommandError(error.message) from error
        lacking = set(found.vault_keys) - set(secret_keys(settings.VAULT_KEYS, "VAULT_KEYS"))
        if lacking:
            raise CommandError(f"VAULT_KEYS lacks version {min(lacking)}, which sealed keys in it.")
        self.stdout.write(f"{found.rows} rows of {len(found.parts)} tables, as of {found.made_at}.")
