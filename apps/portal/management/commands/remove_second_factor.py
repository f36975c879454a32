"""manage.py remove_second_factor: let a person who lost every factor set one up anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import system
from apps.core.errors import NotFound
from apps.portal.login.lost import remove_factors


class Command(BaseCommand):
    help = "Remove all second factors of a person. Check by another channel who is asking."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The person's e-mail address.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = remove_factors(actor=system("portal"), email=options["email"])
        except NotFound as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} second factors removed. The password is as it was.")
