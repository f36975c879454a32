"""A vehicle forgets what was installed in it, by `signals.factory_reset`."""

from django.db import transaction

from apps.audit import services as audit
from apps.core import locks
from apps.core.actor import Actor
from apps.participants.rights import Operation, require
from apps.provisioning_pool import signals
from apps.provisioning_pool.messages import foreign_owner, not_found
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Pcid


def factory_reset(*, actor: Actor, pcid: Pcid, note: str = "") -> None:
    """Note that a vehicle was reset: its contracts end, its provisioning certificate stays.

    Ours; OPCP has only the event `mo.prov.cert.factory.reset`. Everything that follows happens in
    one transaction: where a revocation fails, all stays as it was. A vehicle without contracts is
    reset as well. `note` says why, in a person's words, for the audit. Raises Forbidden for a
    foreign WMI or another owner, NotFound for a PCID that is not there.
    """
    require(actor, Operation.PCP_FACTORY_RESET, wmi=pcid.wmi)
    with transaction.atomic():
        locks.hold(f"pcid:{pcid}")
        row = ProvisioningCertificate.objects.filter(pcid=str(pcid)).first()
        if row is None:
            raise not_found()
        if row.owner_id != actor.organization_id:
            raise foreign_owner()
        audit.record(
            actor=actor,
            action="provisioning_pool.factory_reset",
            target_type="vehicle",
            target_id=row.pcid,
            reason=note,
            detail={"fingerprint": bytes(row.fingerprint).hex()},
        )
        signals.factory_reset.send(sender=ProvisioningCertificate, pcids=[row.pcid], actor=actor)
