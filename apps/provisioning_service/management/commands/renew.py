"""manage.py renew: what the schedule does, now and with somebody looking on."""

from typing import Any

from django.utils import timezone

from apps.jobs.following import OPEN, JobCommand
from apps.jobs.models import Job
from apps.provisioning_service import services
from apps.provisioning_service.services.renewals import KIND


class Command(JobCommand):
    help = "Renew contracts whose certificate ends within the window of their MO."
    part = "manage.renew"

    def handle(self, *args: Any, **options: Any) -> None:
        count = services.plan_renewals(now=timezone.now())
        self.stdout.write(f"{count:,} contracts to renew")
        jobs = Job.objects.select_related("organization").filter(kind=KIND, state__in=OPEN)
        self.follow(list(jobs.order_by("pk")), wait=not options["no_wait"])
