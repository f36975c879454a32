"""Description of the webhooks (OPCP webhooks.v1, and three operations of our own)."""

from typing import Any, Final

from apps.core.api.shapes import INSTANT, Shape, listed, nullable, record, ref, text
from apps.events.api.bodies import MAX_DESCRIPTION, MAX_EVENTS, MAX_OFFSET, PAGE, RENAMED
from apps.events.models import EventKind
from apps.participants.api.description import Described, in_path, in_query
from apps.participants.rights import Operation

_TAG: Final = "Webhooks"
_PATH: Final = "/v1/webhook/endpoints"
_ONE: Final = f"{_PATH}/{{endpoint_id}}"
_ENDPOINT: Final = in_path("endpoint_id", text("Id of the endpoint"))
_READ: Final = (Operation.WEBHOOKS_READ,)
_WRITE: Final = (Operation.WEBHOOKS_WRITE,)
_FOUND: Final = (400, 401, 403, 404)
_COUNT: Final[Shape] = {"type": "integer", "minimum": 0}
_FREE: Final[Shape] = {"type": "object", "additionalProperties": True}
_EVENTS: Final = listed(text(enum=[*EventKind.values, *RENAMED]), minItems=1, maxItems=MAX_EVENTS)
_URL: Final = text("https, a public address", format="uri")
_CHANGEABLE: Final[dict[str, Any]] = {
    "apiVersion": text(enum=["v1"]),
    "description": text(maxLength=MAX_DESCRIPTION),
    "metadata": _FREE,
    "status": text(enum=["enabled", "disabled"]),
}

COMPONENTS: Final = {
    "EndpointRequest": record({"url": _URL, "enabledEvents": _EVENTS}, _CHANGEABLE),
    "EndpointUpdate": record({"url": _URL}, {"enabledEvents": _EVENTS, **_CHANGEABLE}),
    "Endpoint": record(
        {
            "id": text(format="uuid"),
            "apiVersion": text(),
            "created": {"type": "integer", "description": "Seconds since 1970"},
            "description": text(),
            "enabledEvents": listed(text(enum=EventKind.values)),
            "events": listed(text(enum=EventKind.values)),
            "metadata": _FREE,
            "metaData": _FREE,
            "status": text(enum=["enabled", "disabled"]),
            "url": text(),
            "userRole": text(),
            "userName": text(),
        },
        {
            "secret": text("Key of the HMAC in each delivery; not in the answer to a change"),
            "providerIds": listed(text()),
            "wmis": listed(text()),
        },
    ),
    "Delivery": record(
        {
            "id": text(format="uuid"),
            "eventId": text(format="uuid"),
            "eventType": text(),
            "pcid": nullable(text()),
            "status": text(),
            "attemptCount": _COUNT,
            "created": INSTANT,
            "settled": nullable(INSTANT),
            "attempts": listed(
                record(
                    {
                        "number": _COUNT,
                        "at": INSTANT,
                        "milliseconds": _COUNT,
                        "statusCode": nullable({"type": "integer"}),
                        "note": text(),
                    }
                )
            ),
        }
    ),
}

OPERATIONS: Final = (
    Described(
        method="GET",
        path=_PATH,
        name="get-webhook-endpoints",
        tag=_TAG,
        summary="List the endpoints of the own organisation",
        rights=_READ,
        answers={200: listed(ref("Endpoint"))},
        errors=(401, 403),
    ),
    Described(
        method="POST",
        path=_PATH,
        name="create-webhook-endpoint",
        tag=_TAG,
        summary="Register an endpoint",
        details="The answer carries the secret that signs each delivery.",
        rights=_WRITE,
        body=ref("EndpointRequest"),
        example={
            "url": "https://webhooks.example.com/plugpool",
            "enabledEvents": ["root.cert.added", "oem.contract.created"],
        },
        answers={201: ref("Endpoint")},
        errors=(400, 401, 403),
    ),
    Described(
        method="GET",
        path=_ONE,
        name="get-webhook-endpoint",
        tag=_TAG,
        summary="Read an endpoint with its secret",
        rights=_READ,
        parameters=(_ENDPOINT,),
        answers={200: ref("Endpoint")},
        errors=_FOUND,
    ),
    Described(
        method="PUT",
        path=_ONE,
        name="update-webhook-endpoint",
        tag=_TAG,
        summary="Change an endpoint; what is not sent stays",
        rights=_WRITE,
        parameters=(_ENDPOINT,),
        body=ref("EndpointUpdate"),
        example={"url": "https://webhooks.example.com/plugpool", "status": "disabled"},
        answers={200: ref("Endpoint")},
        errors=_FOUND,
    ),
    Described(
        method="DELETE",
        path=_ONE,
        name="delete-webhook-endpoint",
        tag=_TAG,
        summary="Delete an endpoint",
        rights=_WRITE,
        parameters=(_ENDPOINT,),
        errors=_FOUND,
    ),
    Described(
        method="POST",
        path=f"{_ONE}/test",
        name="test-webhook-endpoint",
        tag=_TAG,
        summary="Have a test event sent",
        rights=_WRITE,
        parameters=(_ENDPOINT,),
        answers={202: ref("Delivery")},
        errors=_FOUND,
    ),
    Described(
        method="GET",
        path=f"{_ONE}/deliveries",
        name="get-webhook-deliveries",
        tag=_TAG,
        summary="Read what was sent, newest first, with every attempt",
        rights=_READ,
        parameters=(
            _ENDPOINT,
            in_query("limit", {"type": "integer", "minimum": 0, "maximum": PAGE}),
            in_query("offset", {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}),
        ),
        answers={200: record({"deliveries": listed(ref("Delivery"))})},
        errors=_FOUND,
    ),
    Described(
        method="POST",
        path=f"{_ONE}/deliveries/{{delivery_id}}/redeliver",
        name="redeliver-webhook",
        tag=_TAG,
        summary="Send one delivery once more",
        rights=_WRITE,
        parameters=(_ENDPOINT, in_path("delivery_id", text("Id of the delivery"))),
        answers={202: ref("Delivery")},
        errors=_FOUND,
    ),
)
