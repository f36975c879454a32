"""The roots that a party installs in its own trust stores, and what it took last time."""

from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.participants.rights import Operation, require
from apps.root_pool import selectors
from apps.root_pool.models import RootCertificate, TrustStoreDownload
from v2g.pki.certificate import Certificate


def download_trust_store(*, actor: Actor, root_type: RootCertificate.Type) -> list[Certificate]:
    """Return the trusted roots of a type, and remember that the organisation has them now.

    Raises Forbidden; NotFound where there is none.
    """
    require(actor, Operation.RCP_READ)
    if actor.organization_id is None:
        raise Forbidden("role", "A trust store is downloaded by a party.")
    found = selectors.trust_store(actor, root_type)
    TrustStoreDownload.objects.update_or_create(
        organization_id=actor.organization_id,
        root_type=root_type,
        defaults={
            "roots": {root.fingerprint.hex(): root.common_name for root in found},
            "downloaded_at": timezone.now(),
            "downloaded_by_label": actor.label,
        },
    )
    return found
