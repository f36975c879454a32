"""manage.py rotate_vault_key: seal everything under the newest vault key."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import system
from apps.core.secret_keys import secret_keys
from apps.keys import vault
from apps.operator import vault_rotation


class Command(BaseCommand):
    help = (
        "Seal private keys and secrets under the vault key that seals now, and say which older"
        " keys nothing needs any more. May be run any number of times."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing, only say.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self._rotate()
        version, needed = vault.sealing_version(), vault_rotation.still_needed()
        for other, count in sorted(needed.items()):
            self.stdout.write(f"{count} values still need version {other}.")
        for other in sorted(set(secret_keys(settings.VAULT_KEYS, "VAULT_KEYS")) - set(needed)):
            if other < version:
                self.stdout.write(
                    f"Nothing in the database needs version {other}: it may leave VAULT_KEYS once"
                    f" every process seals with {version}. Backups made before need it."
                )
        if needed and not options["check"]:
            raise CommandError("Something was in use: run it again.")

    def _rotate(self) -> None:
        try:
            for done in vault_rotation.rotate(actor=system("manage.rotate_vault_key")):
                self.stdout.write(f"{done.holder}: {done.rows} sealed again.")
        except vault.Unopenable as error:
            raise CommandError(f"{error}.") from error
