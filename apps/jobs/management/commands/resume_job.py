"""manage.py resume_job: go on with a job that was stopped, or look on at one that runs."""

from argparse import ArgumentParser
from typing import Any

from apps.core.actor import Actor, system
from apps.jobs import selectors, services
from apps.jobs.following import JobCommand
from apps.jobs.models import Job
from apps.participants.selectors import actor_for


class Command(JobCommand):
    help = "Go on with a job that was stopped, and follow it; what is done is not done again."
    part = "manage.resume_job"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("job", help="Id of the job.")

    def handle(self, *args: Any, **options: Any) -> None:
        job = selectors.get(viewer=system(self.part), identifier=options["job"])
        actor = self._actor(job)
        if job.state == Job.State.CANCELLED:
            services.resume(actor=actor, job=job)
        self.follow([job], actor=actor, wait=not options["no_wait"])

    def _actor(self, job: Job) -> Actor:
        if job.organization is None:
            return system(self.part)
        return actor_for(organization=job.organization, part=self.part)
