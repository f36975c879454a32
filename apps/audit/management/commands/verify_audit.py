"""manage.py verify_audit: check every event and every seal of the audit trail."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.audit import guards, services


class Command(BaseCommand):
    help = "Check the audit trail; name the first broken link and what follows. Exit 1 if any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            help="MAC (hex) of a seal seen earlier, from the log: it must still be in the chain.",
        )
        parser.add_argument(
            "--archive",
            type=Path,
            help="Folder of the archived files: they are checked as the beginning of the chain.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["archive"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        for name in guards.missing(connection):
            self.stderr.write(f"Warning: the trigger {name} is not there or switched off.")
        findings = services.verify(head=options["head"], archive=folder)
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(f"The audit trail is broken, first at {findings[0].where}.")
        self.stdout.write("The audit trail holds.")
