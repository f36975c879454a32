"""`make run`: the whole product on one machine."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.demo.local.run import run


class Command(BaseCommand):
    help = "Run web server, worker, clock and Valkey here; the first start builds the demo."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(out=sys.stdout))
