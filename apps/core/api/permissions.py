"""Who may reach a REST operation at all."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.core.actor import Actor

if TYPE_CHECKING:
    # The framework's views import this class by its setting while they are being imported.
    from rest_framework.views import APIView


class HasActor(BasePermission):
    """Only callers whose token and record gave an Actor; what they may do, the services decide."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.auth, Actor)
