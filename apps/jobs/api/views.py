"""Jobs of the caller's organisation: the newest, one with the outcome of its rows, cancelling."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.jobs import selectors, services
from apps.jobs.api import answers, bodies
from apps.participants.rights import Operation


class Jobs(OperationView):
    """The newest jobs, without their rows."""

    operation = Operation.JOBS_READ

    def get(self, request: Request) -> Response:
        page = bodies.jobs_page(request.query_params)
        found = selectors.newest(viewer=self.actor, before=page.before, limit=page.limit)
        return Response({"jobs": [answers.job(one) for one in found]})


class JobById(OperationView):
    """One job and a page of its rows."""

    operation = Operation.JOBS_READ

    def get(self, request: Request, job_id: str) -> Response:
        page = bodies.rows_page(request.query_params)
        job = selectors.get(viewer=self.actor, identifier=job_id)
        rows = selectors.rows_after(job, after=page.after, limit=page.limit, state=page.state)
        return Response(answers.job(job) | answers.rows(job, rows, limit=page.limit))


class Cancelling(OperationView):
    """Stop a job: what is done stays done."""

    operation = Operation.JOBS_WRITE

    def post(self, request: Request, job_id: str) -> Response:
        job = selectors.get(viewer=self.actor, identifier=job_id)
        services.request_cancel(actor=self.actor, job=job)
        return Response(answers.job(job))
