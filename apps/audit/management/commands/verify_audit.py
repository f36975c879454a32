"""manage.py verify_audit: check every event and every seal of the audit trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import services


class Command(BaseCommand):
    help = "Check the audit trail; name the first broken link and what follows. Exit 1 if any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            help="MAC (hex) of a seal seen earlier, from the log: it must still be in the chain.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = services.verify(head=options["head"])
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(f"The audit trail is broken, first at {findings[0].where}.")
        self.stdout.write("The audit trail holds.")
