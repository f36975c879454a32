"""manage.py cleanse: take out of the pools what ended or counts no more, now."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.core.actor import system
from apps.operator import cleansing
from apps.operator.models import CleansingRun
from apps.operator.selectors import results_of
from apps.root_pool import lost
from apps.root_pool.models import CleansingDecision


class Command(BaseCommand):
    help = "Take expired and revoked certificates out of RCP, PCP and CCP, with what hangs on them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only print what would go.")
        parser.add_argument(
            "--pool",
            action="append",
            choices=cleansing.ALL_POOLS,
            help="Only this pool; may be given more than once.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pools = options["pool"] or cleansing.ALL_POOLS
        if options["dry_run"]:
            self._preview(pools)
            return
        trigger = CleansingRun.Trigger.COMMAND
        run = cleansing.start(actor=system("manage.cleanse"), trigger=trigger, pools=pools)
        if run.job_id:
            cleansing.work_off(job_id=run.job_id)
        self._tell(run)

    def _preview(self, pools: Sequence[str]) -> None:
        at = timezone.now()
        for one in cleansing.preview(pools=pools, at=at):
            self.stdout.write(f"{one.pool} {one.cause}: {one.count} would go")
            for name in one.names:
                self.stdout.write(f"  {name}")
            if one.count > len(one.names):
                self.stdout.write(f"  and {one.count - len(one.names)} more")
        for name, why in lost.to_ask(at):
            self.stdout.write(f"{name} ({why}): a person decides about what hangs on it")

    def _tell(self, run: CleansingRun) -> None:
        for one in results_of(run):
            self.stdout.write(
                f"{one.pool} {one.cause}: {one.found} looked at, {one.removed} removed,"
                f" {one.followed} followed, {one.told} told, {one.failed} failed"
            )
            for reason in one.reasons:
                self.stdout.write(f"  {reason}")
        waiting = CleansingDecision.objects.waiting().count()
        self.stdout.write(f"{waiting} decisions wait for a person. Run {run.uuid}.")
