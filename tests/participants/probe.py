"""Routes for the tests of authentication and errors: the real ones, and a view that only echoes."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.core.errors import Conflict, Forbidden, Unavailable
from apps.participants.rights import Operation

ERRORS = {
    "forbidden": Forbidden("foreign_wmi", "Not yours."),
    "conflict": Conflict("busy", "Already so."),
    "unavailable": Unavailable("down", "Try later."),
    "defect": RuntimeError("secret detail of a defect"),
}


class Probe(OperationView):
    operation = {"GET": Operation.RCP_READ, "POST": Operation.RCP_WRITE}

    def get(self, request: Request) -> Response:
        wanted = request.query_params.get("error")
        if wanted:
            raise ERRORS[wanted]
        return Response({"client": self.actor.identifier, "roles": sorted(self.actor.roles)})

    def post(self, request: Request) -> Response:
        return Response(request.data)


urlpatterns = [
    path("", include("apps.participants.api.urls")),
    path("v1/probe", Probe.as_view()),
]
