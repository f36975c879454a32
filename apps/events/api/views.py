"""OPCP webhooks.v1: create, get all, get one, update, delete. Ours: deliveries, redeliver, test."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.events import selectors, services
from apps.events.api import answers
from apps.events.api.bodies import EndpointBody, page
from apps.events.models import WebhookEndpoint
from apps.participants.rights import Operation


class _WebhookView(OperationView):
    def described(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        """The endpoint with its secret."""
        secret = selectors.secret(viewer=self.actor, endpoint=endpoint)
        return answers.endpoint(endpoint, viewer=self.actor, secret=secret)


class Endpoints(_WebhookView):
    """The webhooks of the caller's organisation."""

    operation = {"GET": Operation.WEBHOOKS_READ, "POST": Operation.WEBHOOKS_WRITE}

    def get(self, request: Request) -> Response:
        """All of them."""
        return Response([self.described(row) for row in selectors.endpoints(viewer=self.actor)])

    def post(self, request: Request) -> Response:
        """Register one; the answer carries its secret."""
        body = EndpointBody.parse(request.data)
        endpoint = services.create_endpoint(
            actor=self.actor,
            url=body.url,
            events=body.subscribed(),
            description=body.description or "",
            metadata=body.metadata,
            enabled=body.enabled is not False,
        )
        return Response(self.described(endpoint), status=201)


class EndpointById(_WebhookView):
    """One webhook of the caller's organisation."""

    operation = {
        "GET": Operation.WEBHOOKS_READ,
        "PUT": Operation.WEBHOOKS_WRITE,
        "DELETE": Operation.WEBHOOKS_WRITE,
    }

    def get(self, request: Request, endpoint_id: str) -> Response:
        """Read it, secret included."""
        return Response(
            self.described(selectors.endpoint(viewer=self.actor, identifier=endpoint_id))
        )

    def put(self, request: Request, endpoint_id: str) -> Response:
        """Change it; what is not sent stays."""
        endpoint = selectors.endpoint(viewer=self.actor, identifier=endpoint_id)
        body = EndpointBody.parse(request.data)
        changed = services.update_endpoint(
            actor=self.actor,
            endpoint=endpoint,
            url=body.url,
            events=body.events,
            description=body.description,
            metadata=body.metadata,
            enabled=body.enabled,
        )
        return Response(answers.endpoint(changed, viewer=self.actor))

    def delete(self, request: Request, endpoint_id: str) -> Response:
        """Delete it."""
        endpoint = selectors.endpoint(viewer=self.actor, identifier=endpoint_id)
        services.delete_endpoint(actor=self.actor, endpoint=endpoint)
        return Response({})


class EndpointTest(OperationView):
    """Trying an endpoint."""

    operation = {"POST": Operation.WEBHOOKS_WRITE}

    def post(self, request: Request, endpoint_id: str) -> Response:
        """Send a test event; the answer names the delivery to look at."""
        endpoint = selectors.endpoint(viewer=self.actor, identifier=endpoint_id)
        delivery = services.send_test(actor=self.actor, endpoint=endpoint)
        return Response(answers.delivery(delivery), status=202)


class Deliveries(OperationView):
    """What went to an endpoint."""

    operation = {"GET": Operation.WEBHOOKS_READ}

    def get(self, request: Request, endpoint_id: str) -> Response:
        """Newest first, with every attempt; `limit` and `offset`."""
        endpoint = selectors.endpoint(viewer=self.actor, identifier=endpoint_id)
        rows = selectors.deliveries(viewer=self.actor, endpoint=endpoint)
        shown = rows.prefetch_related("attempts")[page(request.query_params)]
        return Response({"deliveries": [answers.delivery(row) for row in shown]})


class Redelivery(OperationView):
    """Sending again."""

    operation = {"POST": Operation.WEBHOOKS_WRITE}

    def post(self, request: Request, endpoint_id: str, delivery_id: str) -> Response:
        """Send one delivery once more."""
        endpoint = selectors.endpoint(viewer=self.actor, identifier=endpoint_id)
        delivery = selectors.delivery(viewer=self.actor, endpoint=endpoint, identifier=delivery_id)
        again = services.redeliver(actor=self.actor, delivery=delivery)
        return Response(answers.delivery(again), status=202)
