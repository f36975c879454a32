"""manage.py export_audit: the audit events in the database as JSON lines."""

import json
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.dateparse import parse_date

from apps.audit import selectors
from apps.audit.lines import line_of
from apps.core.actor import system

ROWS = 2000


def _day(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError("a day is written 2026-01-31")
    return found


class Command(BaseCommand):
    help = "Write audit events to standard output, one JSON object a line, the oldest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_day, help="First day (2026-01-31), UTC.")
        parser.add_argument("--until", type=_day, help="Last day, UTC.")

    def handle(self, *args: Any, **options: Any) -> None:
        events = selectors.visible(system("export_audit")).order_by("id")
        if options["since"]:
            events = events.filter(at__gte=_midnight(options["since"]))
        if options["until"]:
            events = events.filter(at__lt=_midnight(options["until"] + timedelta(days=1)))
        for event in events.iterator(ROWS):
            self.stdout.write(json.dumps(line_of(event), separators=(",", ":")))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
