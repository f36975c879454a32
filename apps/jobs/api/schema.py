"""Description of jobs (ours)."""

from typing import Any, Final

from apps.core.api.shapes import INSTANT, Shape, listed, nullable, record, ref, text
from apps.jobs.api.bodies import JOBS, ROWS, STATES
from apps.jobs.models import Job
from apps.jobs.services.control import MAX_ROWS
from apps.participants.api.description import Described, in_path, in_query
from apps.participants.rights import Operation

_TAG: Final = "Jobs"
_ID: Final = in_path("job_id", text("Id of the job"))
_COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
_OURS: Final = "Ours; OPCP has no long work."
_JOB: Final[dict[str, Any]] = {
    "id": text(format="uuid"),
    "kind": text("What is done, such as oem.publish or mo.conclude"),
    "state": text(enum=Job.State.values),
    "cancelRequested": {"type": "boolean"},
    "total": _COUNT,
    "done": _COUNT,
    "failed": _COUNT,
    "startedBy": record({"kind": text(), "name": text()}),
    "created": INSTANT,
    "finished": nullable(INSTANT),
}

COMPONENTS: Final = {
    "Job": record(_JOB),
    "JobList": record({"jobs": listed(ref("Job"), maxItems=JOBS)}),
    "JobRow": record(
        {
            "number": {"type": "integer", "minimum": 1},
            "names": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What names the row, such as its pcid and emaid",
            },
            "state": text(enum=STATES),
            "code": text("Why it failed, stable; empty otherwise"),
            "message": text("What became of it, or what to mend"),
        }
    ),
    "JobWithRows": record(
        {
            **_JOB,
            "rows": listed(ref("JobRow"), maxItems=ROWS),
            "next": nullable({**_COUNT, "description": "The `after` of the next page"}),
        }
    ),
}

OPERATIONS: Final = (
    Described(
        method="GET",
        path="/v1/jobs",
        name="getJobs",
        tag=_TAG,
        summary="List the newest jobs of the organisation",
        details=_OURS,
        rights=(Operation.JOBS_READ,),
        parameters=(
            in_query("limit", {"type": "integer", "minimum": 0, "maximum": JOBS}),
            in_query("before", text("Id of a job: those that were started before it")),
        ),
        answers={200: ref("JobList")},
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="GET",
        path="/v1/jobs/{job_id}",
        name="getJob",
        tag=_TAG,
        summary="Tell how far a job is, and what became of its rows",
        details=f"{_OURS} Ask again until `state` is done or cancelled; `next` leads on.",
        rights=(Operation.JOBS_READ,),
        parameters=(
            _ID,
            in_query("limit", {"type": "integer", "minimum": 0, "maximum": ROWS}),
            in_query("after", {"type": "integer", "minimum": 0, "maximum": MAX_ROWS}),
            in_query("state", text(enum=STATES)),
        ),
        answers={200: ref("JobWithRows")},
        errors=(400, 401, 403, 404),
    ),
    Described(
        method="POST",
        path="/v1/jobs/{job_id}/cancel",
        name="cancelJob",
        tag=_TAG,
        summary="Stop a job; what is done stays done",
        details=f"{_OURS} It can be resumed in the portal.",
        rights=(Operation.JOBS_WRITE,),
        parameters=(_ID,),
        answers={200: ref("Job")},
        errors=(401, 403, 404, 409),
    ),
)
