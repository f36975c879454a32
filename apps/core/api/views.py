"""The base of every REST operation."""

from typing import cast

from rest_framework.views import APIView

from apps.core.actor import Actor


class OperationView(APIView):
    """One path of the API: parse, call one service, answer."""

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.auth)
