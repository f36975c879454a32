"""Start a bulk generation the way the portal does, in a process with the server's settings.

    python -m tests.flows.bulk USERNAME ORGANIZATION < rows.json

Prints the job's state once it is over, or after the time given to it.
"""

import json
import sys
import time

import django

if __name__ == "__main__":
    django.setup()

from apps.jobs.models import Job
from apps.participants import selectors
from apps.participants.models import Organization, User
from apps.provisioning_service import services

LIMIT_S = 60


def main(username: str, organization: str) -> None:
    actor = selectors.actor_of_member(
        user=User.objects.get(email=username),
        organization=Organization.objects.get(name=organization),
    )
    job = services.start_bulk(actor=actor, rows=json.load(sys.stdin))
    until = time.monotonic() + LIMIT_S
    while job.state not in (Job.State.DONE, Job.State.CANCELLED) and time.monotonic() < until:
        time.sleep(0.1)
        job.refresh_from_db()
    failed = {row.input["emaid"]: row.code for row in job.rows.filter(state="failed")}
    told = {"state": job.state, "done": job.done, "failed": failed}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
