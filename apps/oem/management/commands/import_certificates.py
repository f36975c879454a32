"""manage.py import_certificates: what the upload page does, from files of the host."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from apps.jobs.following import SHOWN, JobCommand
from apps.oem import files, services
from apps.oem.models import UploadBatch, UploadRow
from apps.oem.services.batches import IMPORTED


class Command(JobCommand):
    help = (
        "Check provisioning certificates (PEM, DER, PKCS#7, PKCS#12, CSV or ZIP) and import those"
        " that pass, with the rights of an organisation."
    )
    part = "manage.import_certificates"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument(
            "--as", dest="organization", required=True, help="Name or id of the car maker."
        )
        parser.add_argument(
            "--new-keys", action="store_true", help="Contracts of vehicles with a new key may end."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.acting_for(options["organization"])
        batch = services.check(actor=actor, uploaded=_read(options["files"]))
        left_out = self._tell(batch)
        if batch.rows.filter(result__in=IMPORTED).exists():
            job = services.start_import(
                actor=actor, batch=batch, rekeys_confirmed=options["new_keys"]
            )
            self.follow([job], actor=actor, wait=not options["no_wait"])
        if left_out:
            raise CommandError(f"{left_out:,} certificates or files could not be imported.")

    def _tell(self, batch: UploadBatch) -> int:
        """Say what the checks found, and why something is left out."""
        for result, count in sorted(batch.counts.items()):
            self.stdout.write(f"{UploadRow.Result(result).label}: {count:,}")
        failed = batch.rows.filter(result=UploadRow.Result.FAILED).order_by("number")
        for row in failed[:SHOWN]:
            self.stderr.write(f"{row.source} {row.pcid}: {row.detail}")
        return int(batch.counts.get(UploadRow.Result.FAILED, 0))


def _read(paths: list[Path]) -> list[files.File]:
    try:
        if sum(path.stat().st_size for path in paths) > files.MAX_IN:
            raise CommandError(f"The files have over {files.MAX_IN:,} octets together.")
        return [files.File(path.name, path.read_bytes()) for path in paths]
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
