"""generateSignedContractData: the V2G MO CA makes contract data for an MO without its own CA.

Issue first, store second: whatever breaks in between leaves a certificate without data, which is
revoked here (or by the sweep `pki.settle_intents`, where this process is gone), and nothing
half-written in the pool. One order takes the same way as a batch.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.contract_pool import services as pool
from apps.contract_pool.models import Contract
from apps.contract_pool.services import Outcome
from apps.core import transactions
from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.participants import rights
from apps.pki import services as issuing
from apps.pki.models import RevocationReason
from apps.provisioning_service.services import making
from apps.provisioning_service.services.making import Order, Told, Work
from v2g.ids import Emaid, Pcid
from v2g.protocol import IsoVersion


def generate(
    *,
    actor: Actor,
    pcid: Pcid,
    emaid: Emaid,
    begins: datetime,
    ends: datetime,
    version: IsoVersion = IsoVersion.ISO_2,
    root: bytes | UUID | None = None,
    subscription_url: str = "",
    meta_data: str = "",
) -> Contract:
    """Make contract data for a vehicle, sign it and store it; for the same EMAID again, replace it.

    One certificate, signed under `root` or under each V2G root that the vehicle carries. It is
    valid from one hour before `begins` (or now) for at most two years, never past `ends`; the
    contract key exists in the clear only while it is sealed for the vehicle. Raises Forbidden,
    Invalid with OPCP's texts, Unavailable. Never inside a transaction.
    """
    order = Order(
        pcid=pcid,
        emaid=emaid,
        begins=begins,
        ends=ends,
        root=root,
        subscription_url=subscription_url,
        meta_data=meta_data,
    )
    outcome = generate_many(actor=actor, orders=[order], version=version)[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def generate_many(
    *,
    actor: Actor,
    orders: Sequence[Order],
    version: IsoVersion = IsoVersion.ISO_2,
    then: Callable[[Sequence[Outcome]], None] | None = None,
    told: Told = making.unheard,
    heard: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Make contract data for at most 250 orders, each EMAID once, as `generate` does.

    What cannot be made has its error as its outcome; the others are stored in one transaction,
    inside which `then` gets all outcomes in the order of `orders`. `told` hears of each stage
    before that, and `heard` is called before each request to a foreign status service: who holds a
    lease may renew it. Raises Forbidden, Unavailable, and what `then` and `told` raise.
    """
    rights.require_role(actor, rights.Operation.CPS_GENERATE)
    transactions.forbid("Generating contract data")
    works = [Work(order) for order in orders]
    try:
        making.make(actor, works, version=version, now=timezone.now(), told=told, heard=heard)
        _store(actor, works, then)
    except BaseException:
        _give_up(actor, works)
        raise
    _give_up(actor, [work for work in works if isinstance(work.outcome, DomainError)])
    return [work.settled for work in works]


def _store(
    actor: Actor, works: Sequence[Work], then: Callable[[Sequence[Outcome]], None] | None
) -> None:
    made = [work for work in works if work.conclusion is not None]

    def settle(outcomes: Sequence[Outcome]) -> None:
        for work, outcome in zip(made, outcomes, strict=True):
            work.outcome = outcome
        if then is not None:
            then([work.settled for work in works])

    conclusions = [work.conclusion for work in made if work.conclusion is not None]
    pool.conclude_many(actor=actor, conclusions=conclusions, then=settle)


def _give_up(actor: Actor, works: Sequence[Work]) -> None:
    """Revoke what was issued for orders that came to nothing; what was stored stays."""
    issued = [work.issued for work in works if work.issued is not None]
    reason = RevocationReason.CESSATION
    issuing.revoke(actor=actor, certificates=issued, reason=reason, unless_kept=True)
