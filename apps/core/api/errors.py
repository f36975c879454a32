"""DomainError and DRF's own errors as OPCP answers: `{"errorMessages": [...], "traceId": ...}`."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback
from structlog import get_logger
from structlog.contextvars import get_contextvars

from apps.core.errors import DomainError

log = get_logger(__name__)


def trace_id() -> str:
    """Return the request id that is also in the logs and in the audit."""
    return str(get_contextvars().get("request_id") or uuid.uuid4())


def body(*messages: str) -> dict[str, Any]:
    """Return OPCP's Error object."""
    return {"errorMessages": list(dict.fromkeys(messages)), "traceId": trace_id()}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every known error gets its status and a text a person can use."""
    set_rollback()
    if isinstance(error, DomainError):
        log.info("refused", code=error.code, status=error.status)
        return Response(body(error.message), status=error.status)
    if isinstance(error, RequestDataTooBig):
        return Response(body("The request body is too large."), status=413)
    if isinstance(error, Http404):
        return Response(body("Not found."), status=404)
    if isinstance(error, PermissionDenied):
        return Response(body("Forbidden."), status=403)
    if isinstance(error, exceptions.APIException):
        headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}
        return Response(body(*_texts(error.detail)), status=error.status_code, headers=headers)
    return None


def _texts(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [f"{name} : {text}" for name, value in detail.items() for text in _texts(value)]
    if isinstance(detail, list):
        return [text for value in detail for text in _texts(value)]
    return [str(detail)]
