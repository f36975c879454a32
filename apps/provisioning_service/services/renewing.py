"""New contract data for a contract that goes on: the same EMAID, the same vehicle, a new key."""

from apps.contract_pool import renewal
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import ENDED, certificates_of
from apps.core.actor import Actor
from apps.core.errors import Conflict, DomainError, Invalid
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_service.services.generating import generate_many
from apps.provisioning_service.services.making import Order
from v2g.ids import Emaid, Pcid


def renew(*, actor: Actor, contract: Contract, replaces: bytes | None = None) -> Contract:
    """Make, sign and store new contract data; the old one is replaced, the default flag stays.

    Signed under each V2G root that the vehicle carries today. The certificate before it is not
    revoked: the vehicle uses it until it has installed the new one. `replaces` is the SHA-256 of
    the certificate that is to be followed, which it is by one alone. Raises Forbidden, Conflict
    (`contract_ended`: also where it ended meanwhile, `renewed_meanwhile`), Invalid (`own_ca` where
    the MO's own CA made the certificate), Unavailable. Never inside a transaction.
    """
    emaid = Emaid.parse(contract.emaid)
    rights.require(actor, Operation.CPS_GENERATE, provider_id=emaid.provider_id)
    if contract.state == Contract.State.ENDED:
        raise Conflict("contract_ended", ENDED)
    if not renewal.plan(contract).by_us:
        raise Invalid("own_ca", "Your own CA made this contract data: hand in new one.")
    has = certificates_of([contract])[contract.emaid_key]
    order = Order(
        pcid=Pcid(contract.pcid),
        emaid=emaid,
        begins=contract.begins,
        ends=contract.ends,
        subscription_url=contract.subscription_url,
        meta_data=contract.meta_data,
        replaces=has if replaces is None else frozenset({replaces}),
    )
    outcome = generate_many(actor=actor, orders=[order])[0]
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome
