"""CPS signers get their successors in time; both sign under the same root meanwhile."""

from datetime import datetime

from structlog import get_logger

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.provisioning_service import rolling
from apps.provisioning_service.models import Signer
from apps.provisioning_service.services.signers import create_signer

log = get_logger(__name__)


def roll_signers(*, actor: Actor, now: datetime) -> list[Signer]:
    """Make the successor of every signer that is due and has nothing in its way; return them.

    Of two at once one makes it; the certificate of the other was for nothing and is revoked. Never
    inside a transaction.
    """
    made = []
    for due in rolling.due(now=now):
        if due.obstacle is None:
            try:
                made.append(_follow(actor, due.signer))
            except Conflict as error:
                log.info("signer_followed", code=error.code)
    return made


def _follow(actor: Actor, signer: Signer) -> Signer:
    return create_signer(
        actor=actor,
        root=bytes(signer.root.fingerprint),
        common_name=signer.certificate.common_name,
        follows=signer,
    )
