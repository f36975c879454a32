"""DRF's EXCEPTION_HANDLER: core's answers, a refusal in the audit trail, and no stack trace."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response
from structlog import get_logger

from apps.audit.services import keep_refusal
from apps.core.actor import Actor
from apps.core.api import errors
from apps.core.errors import DomainError

log = get_logger(__name__)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer every error in OPCP's shape; record what a known party was refused.

    A view names what it does in `operation`: a name, or a mapping from method to name. What is
    not a known error is a defect of ours: it is logged with its trace and answered with 500,
    a text that tells nothing, and the trace id.
    """
    response = errors.handle(error, context)
    if response is None:
        log.error("request_failed", exc_info=error)
        return Response(errors.body("The service failed. Please try again later."), status=500)
    if response.status_code < 500:
        _record(_as_refusal(error, response), context)
    return response


def _as_refusal(error: Exception, response: Response) -> DomainError:
    """The refusal as the trail keeps it, also where the framework refused: 413, 415, bad JSON."""
    if isinstance(error, DomainError):
        return error
    code = getattr(error, "default_code", type(error).__name__.lower())
    refusal = DomainError(str(code), response.data["errorMessages"][0])
    refusal.status = response.status_code
    return refusal


def _record(error: DomainError, context: dict[str, Any]) -> None:
    actor = _actor(context)
    if actor is not None:
        keep_refusal(actor=actor, action=_operation(context), error=error)


def _actor(context: dict[str, Any]) -> Actor | None:
    try:
        auth = context["request"].auth
    except APIException:
        # The error came before the caller was known, and the caller is not.
        return None
    return auth if isinstance(auth, Actor) else None


def _operation(context: dict[str, Any]) -> str:
    view = context["view"]
    named = getattr(view, "operation", None)
    if isinstance(named, Mapping):
        named = named.get(context["request"].method)
    return str(named or type(view).__name__)
