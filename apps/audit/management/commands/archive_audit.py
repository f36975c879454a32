"""manage.py archive_audit: move old audit events into files that stay part of the chain."""

import os
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date

from apps.audit import services
from apps.core.actor import system
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Archive the sealed audit events of days before a date. May be run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before", required=True, help="First day that stays (2026-01-31), UTC."
        )
        parser.add_argument("--to", required=True, type=Path, help="Folder of the files.")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            day = parse_date(options["before"])
        except ValueError:
            day = None
        if day is None:
            raise CommandError("--before must be a day: 2026-01-31.")
        before = datetime.combine(day, time(), UTC)
        actor, count = system("archive_audit"), 0
        try:
            for done in services.archive(actor=actor, before=before, folder=options["to"]):
                count += done.events
                self.stdout.write(f"{done.path}: {done.events} events, up to seal {done.last_seal}")
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} events were archived.")
