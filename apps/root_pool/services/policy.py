"""How the status of certificates below a root is learnt."""

from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.participants.rights import Operation, require
from apps.root_pool import generation
from apps.root_pool.models import RootCertificate
from apps.root_pool.services.log import record

MAX_AGE_DAYS = 31


def set_status_policy(
    *,
    actor: Actor,
    root: RootCertificate,
    order: RootCertificate.StatusOrder,
    optional: bool,
    max_age_days: int,
) -> RootCertificate:
    """Set the order of CRL and OCSP, whether status may be missing, and how old it may grow.

    `optional` admits only certificates that name no status service at all. Raises Forbidden
    unless a person of the operator asks, Invalid for an age outside 1 to 31 days, Conflict for a
    root that is not trusted.
    """
    require(actor, Operation.RCP_CONFIRM)
    if not 1 <= max_age_days <= MAX_AGE_DAYS:
        raise Invalid("max_age", f"The age must be between 1 and {MAX_AGE_DAYS} days.")
    fields = {
        "status_order": order,
        "status_optional": optional,
        "status_max_age_days": max_age_days,
    }
    with transaction.atomic():
        rows = RootCertificate.objects.trusted().filter(pk=root.pk)
        if not rows.update(updated_at=timezone.now(), **fields):
            raise Conflict("root_not_trusted", "This root is not trusted.")
        root.refresh_from_db()
        generation.change()
        record(
            actor,
            "set_status_policy",
            root,
            order=str(order),
            optional=optional,
            max_age_days=max_age_days,
        )
    return root
