"""manage.py restore: put a backup into an empty database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import system
from apps.core.errors import DomainError
from apps.operator import backup


class Command(BaseCommand):
    help = "Fill an empty database from a backup of the same release, and compare every hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", required=True, type=Path, dest="folder")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = backup.restore(actor=system("manage.restore"), folder=options["folder"])
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{found.rows} rows of {len(found.parts)} tables stand as they did at {found.made_at}."
        )
        self.stdout.write("Now: manage.py verify_audit, manage.py check --deploy, then start.")
