"""deleteSignedContractData: a contract is terminated."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import NOT_FOUND
from apps.contract_pool.services import leaving
from apps.core import locks
from apps.core.actor import Actor
from apps.core.errors import Invalid, NotFound
from apps.participants import rights
from v2g.ids import Emaid


def end(
    *,
    actor: Actor,
    emaid: Emaid,
    skip_revocation: bool = False,
    reason: str = "terminated",
    note: str = "",
) -> None:
    """End a contract: revoke what our MO CA issued for it, then take its data out of the pool.

    One transaction: where revoking fails, the data stays [OPCP deleteSignedContractData].
    `skip_revocation` (X-Skip-Revocation) is for sandboxes only. `note` says why, in a person's
    words, for the audit. Raises Forbidden, NotFound, Invalid.
    """
    rights.require(actor, rights.Operation.CCP_END, provider_id=emaid.provider_id)
    if skip_revocation and not settings.SANDBOX:
        raise Invalid("skip_revocation", "X-Skip-Revocation is honoured in sandboxes only.")
    pcid = _running(emaid).pcid
    with transaction.atomic():
        locks.hold(f"pcid:{pcid}", f"emaid:{emaid.key}")
        contract = _running(emaid)
        now = timezone.now()
        leaving.leave(actor=actor, contracts=[contract], reason=reason, note=note, now=now)
        if not skip_revocation:
            leaving.revoke_own(actor=actor, contracts=[contract], now=now)
        leaving.tell_owners([contract])


def _running(emaid: Emaid) -> Contract:
    found = Contract.objects.filter(emaid_key=emaid.key, state=Contract.State.RUNNING).first()
    if found is None:
        raise NotFound("contract_not_found", NOT_FOUND)
    return found
