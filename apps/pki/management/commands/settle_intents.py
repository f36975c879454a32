"""manage.py settle_intents: find issuance that was begun and never finished, and settle it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.core.actor import system
from apps.pki import services
from apps.pki.models import IssuedCertificate


class Command(BaseCommand):
    help = (
        "List certificates that were ordered and never stored, or issued for contract data that was"
        " never stored; give up or revoke those over 5 minutes old."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--list-only", action="store_true", help="Change nothing, only tell what is open."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for row in self._open():
            self.stdout.write(
                f"{row.intended_at:%Y-%m-%dT%H:%M:%SZ} {row.profile} {row.common_name}"
                f" authority {row.authority_id} serial {bytes(row.serial).hex()}"
            )
        settled = 0 if options["list_only"] else self._settle()
        self.stdout.write(f"{settled} settled, {len(self._open())} open.")

    def _open(self) -> list[IssuedCertificate]:
        now = timezone.now()
        found = IssuedCertificate.objects.open_since(now)
        found |= IssuedCertificate.objects.unkept_since(now)
        return list(found.order_by("intended_at"))

    def _settle(self) -> int:
        settled = 0
        while count := services.settle_intents(actor=system("manage.settle_intents")):
            settled += count
        return settled
