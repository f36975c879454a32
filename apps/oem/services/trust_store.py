"""The trust store that a car maker installs in its vehicles, and what it took last."""

from collections.abc import Sequence

from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.oem.models import TrustStoreDownload
from apps.participants.rights import Operation, require
from apps.root_pool import selectors as roots
from apps.root_pool.models import RootCertificate


def download(*, actor: Actor, root_types: Sequence[RootCertificate.Type]) -> list[RootCertificate]:
    """Return the trusted roots of these types, and remember that the organisation has them now.

    Raises Forbidden.
    """
    require(actor, Operation.RCP_READ)
    if actor.organization_id is None:
        raise Forbidden("role", "A trust store is fetched for an organisation.")
    found = list(roots.list_trusted(actor).filter(root_type__in=root_types))
    taken = {bytes(root.fingerprint).hex(): str(root) for root in found}
    TrustStoreDownload.objects.update_or_create(
        organization_id=actor.organization_id,
        defaults={
            "roots": taken,
            "downloaded_at": timezone.now(),
            "downloaded_by_label": actor.label,
        },
    )
    return found
