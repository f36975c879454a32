"""Reading a car maker's uploads."""

import uuid
from datetime import datetime

from apps.core.actor import Actor, Role
from apps.core.errors import NotFound
from apps.oem.models import UploadBatch, UploadBatchQuerySet


def visible(viewer: Actor) -> UploadBatchQuerySet:
    """Return the uploads of the viewer's organisation; nobody else sees them."""
    if not viewer.has(Role.OEM) or viewer.organization_id is None:
        return UploadBatch.objects.none()
    return UploadBatch.objects.filter(organization_id=viewer.organization_id)


def upload(*, viewer: Actor, identifier: uuid.UUID) -> UploadBatch:
    """Return one upload. Raises NotFound, for a foreign one too."""
    found = visible(viewer).select_related("job").filter(uuid=identifier).first()
    if found is None:
        raise NotFound("upload_unknown", "There is no such upload.")
    return found


def drafts(viewer: Actor, *, now: datetime) -> UploadBatchQuerySet:
    """Return what was checked and not yet imported, the newest first."""
    return visible(viewer).drafts(now).order_by("-pk")
