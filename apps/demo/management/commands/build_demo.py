"""The part of the first start that builds the demo ecosystem; `make run` calls it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.demo.building.build import build


class Command(BaseCommand):
    help = "Build the demo ecosystem in an empty database (run_local does it by itself)."

    def handle(self, *args: Any, **options: Any) -> None:
        build(out=sys.stdout)
