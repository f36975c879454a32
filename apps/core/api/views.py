"""The base of every REST operation."""

from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core.actor import Actor


class HasActor(BasePermission):
    """Only callers whose token and record gave an Actor; what they may do, the services decide."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Actor)


class OperationView(APIView):
    """One path of the API: parse, call one service, answer."""

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.auth)
