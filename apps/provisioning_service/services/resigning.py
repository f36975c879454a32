"""Contract data is signed again before its CPS signer or that one's chain ends, or once revoked.

Nobody needs the contract key for it: the sealed key stays as it is, only the signature is new. One
job at a time takes what hangs on such signers; what it signs hangs on the new one, so that a run
after it finds the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from apps.contract_pool import bundles, paths
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.services import Resigned, replace_signatures
from apps.core import locks
from apps.core.actor import Actor, system
from apps.core.errors import Conflict, DomainError, Invalid
from apps.jobs import registry
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.services import LeasedRow
from apps.provisioning_service import selectors, signing
from apps.provisioning_service.models import Signer
from apps.provisioning_service.signing import ReadySigner
from v2g import exi
from v2g.messages import iso2
from v2g.pki.profiles import CONTRACT_LEAF
from v2g.protocol import IsoVersion

PART: Final = "provisioning_service.resigning"
TASK: Final = "provisioning_service.resign_rows"
KIND: Final = registry.register(
    "provisioning_service.resign",
    task=TASK,
    title=gettext_lazy("New signatures for contract data"),
    columns=("pcid", "emaid"),
)
AHEAD: Final = timedelta(days=60)
"""So long before its signer ends is data signed again."""
MOST: Final = 50_000
"""Rows of one job."""
AGAIN_AFTER: Final = timedelta(days=1)
GONE: Final = "The contract data was replaced or has left the pool meanwhile."


def plan_resigning(*, now: datetime) -> int:
    """Start a job for contract data whose signer ends or was revoked; return how many rows.

    Nothing while such a job is open, nor on the day after one of which every row failed.
    """
    if not (outgoing := list(_outgoing(now))):
        return 0
    with transaction.atomic():
        locks.hold(PART)
        if not _is_time(now):
            return 0
        rows = [_row(data) for data in islice(_signed_by(outgoing, now), MOST)]
        if rows:
            jobs.start(actor=system(PART), kind=KIND, rows=rows)
    return len(rows)


def resign_rows(*, job_id: int) -> None:
    """Sign a chunk of a job again."""
    jobs.work(job_id=job_id, settle_batch=_resign)


def _is_time(now: datetime) -> bool:
    last = Job.objects.filter(kind=KIND).order_by("-pk").first()
    if last is None or last.finished_at is None:
        return last is None
    return last.done > 0 or last.finished_at <= now - AGAIN_AFTER


def _outgoing(now: datetime) -> Iterator[Signer]:
    """Signers that somebody better stands beside, the revoked ones first."""
    better = {one.path.root.pk: one.path for one in selectors.ready(at=now)}
    rows = Signer.objects.select_related("sub_ca2", "sub_ca1", "root")
    for signer in rows.filter(root__in=better).order_by("active", "not_after", "pk"):
        path = better[signer.root_id]
        ends = selectors.end_of(signer)
        follows = path.leaf.fingerprint != bytes(signer.fingerprint)
        if follows and (not signer.active or (ends <= now + AHEAD and path.valid_until > ends)):
            yield signer


def _signed_by(signers: Sequence[Signer], now: datetime) -> Iterator[ContractData]:
    """What they signed and a vehicle could still use, by the index of signers."""
    for signer in signers:
        rows = ContractData.objects.of_signers([bytes(signer.fingerprint)])
        alive = rows.filter(certificate_not_after__gt=now, contract__state=Contract.State.RUNNING)
        alive = alive.select_related("contract").defer("exi", "checks")
        yield from alive.order_by("id")[:MOST]


def _row(data: ContractData) -> dict[str, str | int]:
    signer = bytes(data.signer_fingerprint).hex()
    contract = data.contract
    return {"pcid": contract.pcid, "emaid": contract.emaid, "data": data.pk, "signer": signer}


def _resign(actor: Actor, leased: Sequence[LeasedRow]) -> None:
    now = timezone.now()
    signers = {one.path.root.pk: one for one in selectors.ready(at=now)}
    rows = ContractData.objects.select_related("contract")
    found = rows.in_bulk([row.input["data"] for row in leased])
    made: list[tuple[LeasedRow, Resigned]] = []
    failed: list[tuple[LeasedRow, DomainError]] = []
    for row in leased:
        try:
            made.append((row, _made(found.get(row.input["data"]), row.input["signer"], signers)))
        except DomainError as error:
            failed.append((row, error))
    jobs.settle_rows(outcomes=failed)

    def settle(outcomes: Sequence[bool]) -> None:
        told = [(row, _told(took)) for (row, _), took in zip(made, outcomes, strict=True)]
        jobs.settle_rows(outcomes=told)

    if made:
        replace_signatures(actor=actor, resigned=[one for _, one in made], then=settle)


def _told(took_place: bool) -> str | DomainError:
    return "" if took_place else Conflict("gone", GONE)


def _made(data: ContractData | None, signer: str, signers: dict[int, ReadySigner]) -> Resigned:
    """Sign the elements of stored data anew; its contract path keeps the record of its checks."""
    if data is None or bytes(data.signer_fingerprint).hex() != signer:
        raise Conflict("gone", GONE)
    if data.root_id not in signers:
        raise Invalid("no_signer", "There is no CPS signing certificate under this V2G root.")
    body = exi.decode(bytes(data.exi)).body
    if not isinstance(body, iso2.CertificateInstallationRes):
        raise TypeError("Stored contract data is not a CertificateInstallationRes")
    chain = paths.read(
        bundles.chain_of(body.contract_signature_cert_chain), what=bundles.CONTRACT_CHAIN
    )
    contract = paths.find(chain, profile=CONTRACT_LEAF, version=IsoVersion.parse(data.namespace))
    sealed = bundles.require_envelope(
        body.contract_signature_encrypted_private_key.value, body.dh_publickey.value
    )
    signed = signing.sign(
        contract=replace(contract, record=data.checks["contract"]),
        emaid=bundles.emaid_of(chain[0]),
        sealed=sealed,
        signer=signers[data.root_id],
    )
    return Resigned(data=data, bundle=signed.bundle)
