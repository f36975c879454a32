"""The audit events of requests that the operator decides about."""

from typing import Any

from apps.audit import services as audit
from apps.core.actor import Actor
from apps.pki.models import EnrolmentRequest


def record(actor: Actor, verb: str, request: EnrolmentRequest, **detail: Any) -> None:
    """Write that the request was asked for, approved or refused."""
    audit.record(
        actor=actor,
        action=f"pki.{verb}_request",
        target_type="enrolment_request",
        target_id=str(request.uuid),
        detail=described(request, **detail),
    )


def described(request: EnrolmentRequest, **detail: Any) -> dict[str, Any]:
    """Return what an event tells of a request: the key's hash, never the key."""
    return {
        "common_name": request.common_name,
        "profile": request.profile,
        "owner": request.owner_id,
        "public_key_sha256": bytes(request.public_key_hash).hex(),
        "is_renewal": request.is_renewal,
        **detail,
    }
