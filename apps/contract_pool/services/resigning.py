"""Contract data of the pool gets a new signature: certificate and sealed key stay as they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.contract_pool.bundles import Bundle
from apps.contract_pool.models import Contract, ContractData
from apps.core import locks
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.pki import services as pki
from apps.pki.models import IssuedCertificate
from apps.pki.status import Source

_FIELDS: Final = (
    "exi",
    "signer_fingerprint",
    "valid_from",
    "valid_until",
    "checks",
    "stored_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resigned:
    """Contract data as it was read, and what it becomes."""

    data: ContractData
    bundle: Bundle


def replace_signatures(
    *,
    actor: Actor,
    resigned: Sequence[Resigned],
    then: Callable[[Sequence[bool]], None] | None = None,
) -> None:
    """Put new signatures in the place of those that were read; at most 250 at once.

    What was replaced or left the pool meanwhile stays as it is. Nobody is told: a vehicle that has
    installed the data needs the signature no more. `then` runs inside the transaction and learns of
    each whether it took place. Raises Unavailable where the new signer was revoked meanwhile, and
    what `then` raises; nothing is changed then.
    """
    with transaction.atomic():
        pcids = {f"pcid:{one.data.contract.pcid}" for one in resigned}
        locks.hold_all(pcids, shared=[pki.REVOCATION])
        _require_good([one.bundle for one in resigned])
        still = _still_there(resigned)
        changed = [one for one in resigned if one.data.pk in still]
        _write(actor, changed, timezone.now())
        if then is not None:
            then([one.data.pk in still for one in resigned])


def _require_good(bundles: Sequence[Bundle]) -> None:
    """Whoever revokes a CPS or its CA waits for the lock that is shared here, or was before."""
    own = {
        bytes.fromhex(status["sha256"])
        for bundle in bundles
        for status in bundle.signer.record["status"]
        if status["by"] == Source.OWN.value
    }
    issued = IssuedCertificate.objects.filter(state=IssuedCertificate.State.ISSUED)
    if issued.filter(fingerprint__in=own).count() != len(own):
        raise Unavailable("signer_revoked", "The CPS certificate was revoked just now. Try again.")


def _still_there(resigned: Sequence[Resigned]) -> set[int]:
    read = {
        one.data.pk: (bytes(one.data.signer_fingerprint), bytes(one.data.certificate_fingerprint))
        for one in resigned
    }
    rows = (
        ContractData.objects.select_for_update(of=("self",))
        .order_by("pk")
        .filter(pk__in=read, contract__state=Contract.State.RUNNING)
    )
    found = rows.values_list("pk", "signer_fingerprint", "certificate_fingerprint")
    return {pk for pk, signer, leaf in found if (bytes(signer), bytes(leaf)) == read[pk]}


def _write(actor: Actor, changed: Sequence[Resigned], now: datetime) -> None:
    if not changed:
        return
    for one in changed:
        data, bundle = one.data, one.bundle
        data.exi = bundle.exi
        data.signer_fingerprint = bundle.signer.leaf.fingerprint
        data.valid_from = max(bundle.valid_from, data.contract.begins)
        data.valid_until = bundle.valid_until
        data.checks = {"contract": bundle.contract.record, "signer": bundle.signer.record}
        data.stored_at = now
    # Rows that are held: an update of many rows with as many values is slow.
    ContractData.objects.bulk_create(
        [one.data for one in changed],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_FIELDS,
    )
    entries = [_entry(one) for one in changed]
    audit.record_many(actor=actor, action="contract_pool.resign", entries=entries)


def _entry(one: Resigned) -> audit.Entry:
    contract = one.data.contract
    return audit.Entry(
        target_type="contract",
        target_id=contract.emaid_key,
        detail={
            "pcid": contract.pcid,
            "emaid": contract.emaid,
            "signer": one.bundle.signer.leaf.fingerprint.hex(),
            "roots": [one.bundle.signer.root.certificate.fingerprint.hex()],
        },
    )
