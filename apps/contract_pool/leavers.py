"""Which contracts and contract data have to leave the pool, found without reading the pool."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.models.contracts import ContractDataQuerySet, ContractQuerySet
from apps.pki import status
from apps.pki.status import Key
from apps.root_pool.lost import Lost, Why


def ended(at: datetime) -> ContractQuerySet:
    """Running contracts whose last day is over."""
    return Contract.objects.running().filter(ends__lt=at)


def with_ended_certificate(at: datetime) -> ContractDataQuerySet:
    """Data whose contract certificate ended before the instant."""
    return ContractData.objects.filter(certificate_not_after__lt=at)


def with_keys(keys: Sequence[Key]) -> list[ContractData]:
    """Return the data whose contract certificate has one of these issuers and serial numbers."""
    wanted = set(keys)
    rows = ContractData.objects.select_related("contract").filter(
        certificate_serial__in={serial for _, serial in wanted}
    )
    return [row for row in rows.order_by("pk") if key_of(row) in wanted]


def revoked_among(rows: Iterable[ContractData]) -> set[int]:
    """Return the contracts of those rows whose foreign certificate was revoked for good."""
    keys = {key_of(row): row.contract_id for row in rows}
    return {keys[key] for key in status.revoked_among(list(keys))}


def hanging(found: Lost) -> dict[str, ContractDataQuerySet]:
    """Return the data whose contract certificate hangs on one of these CAs, by why it leaves."""
    rows = {
        f"root_{why}": ContractData.objects.filter(contract_root__in=_with(found.roots, why))
        for why in sorted(set(found.roots.values()))
    }
    for why in sorted(set(found.sub_cas.values())):
        keys = _with(found.sub_cas, why)
        below = Q(contract_sub_ca2__in=keys) | Q(contract_sub_ca1__in=keys)
        rows[f"sub_ca_{why}"] = ContractData.objects.filter(below)
    return rows


def key_of(row: ContractData) -> Key:
    """Issuer's SHA-256 and serial number of the contract certificate."""
    return bytes(row.certificate_issuer), bytes(row.certificate_serial)


def _with(found: Mapping[int, Why], why: Why) -> list[int]:
    return [key for key, reason in found.items() if reason == why]
