"""Commands of the host that start jobs and follow them: a bar on a terminal, lines elsewhere.

The work is done by the workers; a command only looks on. Interrupted, it stops the job, which can
be resumed where it stopped.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Forbidden
from apps.jobs import registry, selectors, services
from apps.jobs.models import Job
from apps.participants.models import Organization
from apps.participants.selectors import actor_for

OPEN: Final = (Job.State.WAITING, Job.State.RUNNING)
LOOK_S: Final = 0.25
SAY_S: Final = 10
"""Where nobody looks at a bar, a line is written so often."""
WIDTH: Final = 30
SHOWN: Final = 20
INTERRUPTED: Final = 130


class JobCommand(BaseCommand):
    """A command that starts jobs and follows them to their end.

    It exits with 0 where every row is done, 1 where one failed or somebody stopped a job, 130
    where it was interrupted.
    """

    part: str
    """How it is named in the audit trail."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-wait", action="store_true", help="Start the work and do not wait for its end."
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def acting_for(self, name: str) -> Actor:
        """Return who acts for the organisation with this name or id. Raises CommandError."""
        found = Organization.objects.filter(name=name)
        one = found.first() if len(found) == 1 else _by_uuid(name)
        if one is None:
            raise CommandError(f"There is no organisation {name}, or more than one: give its id.")
        return actor_for(organization=one, part=self.part)

    def follow(self, jobs: Sequence[Job], *, actor: Actor | None = None, wait: bool) -> None:
        """Follow jobs, one after the other; `actor` stops them where this is interrupted."""
        failed = 0
        for job in jobs:
            self.stdout.write(f"{registry.described(job.kind).title}: job {job.uuid}")
            if wait:
                self._follow(job, actor or selectors.starter(job))
                failed += job.failed + (job.state == Job.State.CANCELLED)
        if failed:
            sys.exit(1)

    def _follow(self, job: Job, actor: Actor) -> None:
        progress = _Progress(self, job)
        try:
            while job.state in OPEN:
                progress.show()
                sleep(LOOK_S)
                job.refresh_from_db()
        except KeyboardInterrupt:
            self._stop(job, actor)
        progress.end()
        for row in selectors.failed_rows(job)[:SHOWN]:
            names = " ".join(
                str(row.input.get(name, "")) for name in registry.described(job.kind).columns[:2]
            )
            self.stderr.write(f"row {row.number} {names}: {row.message}")
        if job.failed > SHOWN:
            self.stderr.write(f"... and {job.failed - SHOWN:,} more rows that failed")

    def _stop(self, job: Job, actor: Actor) -> None:
        try:
            services.request_cancel(actor=actor, job=job)
        except (Conflict, Forbidden) as error:
            self.stderr.write(f"\n{error.message}")
        self.stderr.write(
            f"\nStopped; what is done stays done. Go on with: manage.py resume_job {job.uuid}"
        )
        sys.exit(INTERRUPTED)


class _Progress:
    """How far a job is, on a terminal or in a log."""

    def __init__(self, command: BaseCommand, job: Job) -> None:
        self._command, self._job = command, job
        self._started, self._first = monotonic(), job.done + job.failed
        self._is_terminal = command.stdout.isatty()
        self._said = self._started

    def show(self) -> None:
        if self._is_terminal:
            self._command.stdout.write(f"\r{self._bar()} {self._line()}\033[K", ending="")
            self._command.stdout.flush()
        elif monotonic() - self._said >= SAY_S:
            self._said = monotonic()
            self._command.stdout.write(self._line())

    def end(self) -> None:
        start = f"\r{self._bar()} " if self._is_terminal else ""
        state = "stopped" if self._job.state == Job.State.CANCELLED else "over"
        self._command.stdout.write(f"{start}{self._line()}, {state}")

    def _bar(self) -> str:
        full = WIDTH * self._settled // max(1, self._job.total)
        return f"[{'#' * full}{'.' * (WIDTH - full)}]"

    def _line(self) -> str:
        rate = (self._settled - self._first) / max(0.001, monotonic() - self._started)
        failed = f", {self._job.failed:,} failed" if self._job.failed else ""
        return f"{self._settled:,} of {self._job.total:,} rows{failed}, {rate:,.0f}/s"

    @property
    def _settled(self) -> int:
        return self._job.done + self._job.failed


def _by_uuid(text: str) -> Organization | None:
    if len(text) != 36:
        return None
    return Organization.objects.filter(uuid=text).first()
