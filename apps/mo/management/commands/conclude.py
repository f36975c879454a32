"""manage.py conclude: what the page for lists does, from a CSV file of the host."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from apps.jobs.following import SHOWN, JobCommand
from apps.mo import services
from apps.mo.list_files import MAX_BYTES


class Command(JobCommand):
    help = (
        "Check a CSV file of contracts (pcid, emaid, begins, ends, root) and conclude the rows that"
        " are good, with the rights of an organisation."
    )
    part = "manage.conclude"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("csv", type=Path)
        parser.add_argument(
            "--as", dest="organization", required=True, help="Name or id of the MO."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.acting_for(options["organization"])
        bad, job = services.conclude_file(actor=actor, octets=_read(options["csv"]))
        for row in bad[:SHOWN]:
            self.stderr.write(f"row {row.number} {row.pcid} {row.emaid}: {row.error}")
        if job is not None:
            self.follow([job], actor=actor, wait=not options["no_wait"])
        if bad:
            raise CommandError(f"{len(bad):,} rows were not good.")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
