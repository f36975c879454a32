"""A root leaves: one asks for it, another person confirms, having seen what hangs on it.

A removed root does not empty the pools: it blocks new data, and reads refuse what ends in it. Where
anything hangs on it the operator is asked whether that leaves (`clearing`).
The apps above follow `signals.removed`.
"""

from django.db import transaction
from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden
from apps.events.models import EventKind
from apps.participants.rights import Operation, require
from apps.root_pool import dependants, generation, signals
from apps.root_pool.models import RootCertificate
from apps.root_pool.services.clearing import ask_about_root
from apps.root_pool.services.log import announce, identity, record


def ask_removal(*, actor: Actor, root: RootCertificate) -> RootCertificate:
    """Ask that a root be removed; it stays an anchor until another person confirms.

    OPCP deleteRootCa. Asking again changes nothing. Raises Forbidden for others than the operator,
    Conflict for a root that is not trusted.
    """
    require(actor, Operation.RCP_WRITE)
    if root.state == RootCertificate.State.REMOVAL_ASKED:
        return root
    with transaction.atomic():
        _move(
            root,
            RootCertificate.State.TRUSTED,
            RootCertificate.State.REMOVAL_ASKED,
            removal_asked_by=identity(actor),
            removal_asked_by_label=actor.label[:150],
        )
        record(actor, "ask_removal", root)
    return root


def confirm_removal(*, actor: Actor, root: RootCertificate) -> RootCertificate:
    """Remove the root; the audit keeps what hung on it then.

    Raises Forbidden unless a person of the operator who did not ask for it confirms, Conflict
    where no removal waits.
    """
    require(actor, Operation.RCP_CONFIRM)
    if identity(actor) == root.removal_asked_by:
        raise Forbidden("same_person", "Another person must confirm the removal you asked for.")
    counts = dependants.count(root)
    with transaction.atomic():
        _move(root, RootCertificate.State.REMOVAL_ASKED, RootCertificate.State.REMOVED)
        generation.change()
        record(actor, "remove", root, asked_by=root.removal_asked_by, dependants=counts)
        announce(EventKind.ROOT_REVOKED, root)
        ask_about_root(actor=actor, root=root, counts=counts)
        signals.removed.send(sender=RootCertificate, roots=[root.pk], actor=actor)
    return root


def refuse_removal(*, actor: Actor, root: RootCertificate) -> RootCertificate:
    """Keep a root whose removal was asked for; who asked may take it back this way.

    Raises Forbidden unless a person of the operator asks, Conflict where no removal waits.
    """
    require(actor, Operation.RCP_CONFIRM)
    asked_by = root.removal_asked_by
    with transaction.atomic():
        _move(
            root,
            RootCertificate.State.REMOVAL_ASKED,
            RootCertificate.State.TRUSTED,
            removal_asked_by="",
            removal_asked_by_label="",
        )
        record(actor, "refuse_removal", root, asked_by=asked_by)
    return root


def _move(
    root: RootCertificate,
    old: RootCertificate.State,
    new: RootCertificate.State,
    **fields: object,
) -> None:
    """Change the state only if the row still is as the actor saw it: of two persons one wins."""
    rows = RootCertificate.objects.filter(
        pk=root.pk, state=old, removal_asked_by=root.removal_asked_by
    )
    if not rows.update(state=new, updated_at=timezone.now(), **fields):
        raise Conflict("root_not_waiting", "This root is not as you saw it any more.")
    root.refresh_from_db()
