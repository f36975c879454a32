"""manage.py settle_intents: find issuance that was begun and never stored, and settle it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.core.actor import system
from apps.pki import services
from apps.pki.models import IssuedCertificate


class Command(BaseCommand):
    help = "List certificates that were ordered and never stored; give up those over 5 minutes old."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--list-only", action="store_true", help="Change nothing, only tell what is open."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for row in IssuedCertificate.objects.open_since(timezone.now()).order_by("intended_at"):
            self.stdout.write(
                f"{row.intended_at:%Y-%m-%dT%H:%M:%SZ} {row.profile} {row.common_name}"
                f" authority {row.authority_id} serial {bytes(row.serial).hex()}"
            )
        settled = 0 if options["list_only"] else self._settle()
        left = IssuedCertificate.objects.open_since(timezone.now()).count()
        self.stdout.write(f"{settled} settled, {left} open.")

    def _settle(self) -> int:
        settled = 0
        while count := services.settle_intents(actor=system("manage.settle_intents")):
            settled += count
        return settled
