"""Which rows of the CPS the portal lists for whom."""

from django.db.models import QuerySet

from apps.core.actor import Actor
from apps.participants.rights import Operation, require
from apps.provisioning_service.models import Signer


def visible(viewer: Actor) -> QuerySet[Signer]:
    """Return every signer, to every role (OPCP cps/signer), retired ones included."""
    require(viewer, Operation.CPS_SIGNERS)
    return Signer.objects.all()
