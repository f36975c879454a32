"""manage.py sync_schedules: write the recurring tasks that have no row yet."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.core import schedules


class Command(BaseCommand):
    help = "Write the declared recurring tasks that beat does not know yet; change none."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{schedules.sync()} new, {len(schedules.DECLARED)} declared")
