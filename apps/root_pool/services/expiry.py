"""Roots leave the pool when they end."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor
from apps.events.models import EventKind
from apps.participants.rights import Operation, require
from apps.root_pool import generation, signals
from apps.root_pool.models import RootCertificate
from apps.root_pool.services.clearing import ask_about_root
from apps.root_pool.services.log import announce, record


def expire(*, actor: Actor, pks: Sequence[int], at: datetime) -> int:
    """Take roots out whose certificate ended before the instant; return how many.

    Everybody is told (root.cert.expired). What still hangs on one is asked about. Raises Forbidden.
    """
    require(actor, Operation.POOLS_CLEANSE)
    with transaction.atomic():
        ended = RootCertificate.objects.trusted().filter(pk__in=pks, not_after__lt=at)
        roots = list(ended.select_for_update().order_by("pk"))
        if not roots:
            return 0
        ended.update(state=RootCertificate.State.EXPIRED, updated_at=timezone.now())
        generation.change()
        for root in roots:
            root.state = RootCertificate.State.EXPIRED
            record(actor, "expire", root, ended=root.not_after.isoformat())
            announce(EventKind.ROOT_EXPIRED, root)
            ask_about_root(actor=actor, root=root)
        keys = [root.pk for root in roots]
        signals.removed.send(sender=RootCertificate, roots=keys, actor=actor)
    return len(roots)
