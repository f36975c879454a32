"""When the data of a contract has to be renewed: before its certificate ends, if it runs longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.contract_pool.models import Contract
from apps.pki.models import IssuedCertificate

SAME_END: Final = timedelta(days=1)
"""A certificate that ends less than this before its contract needs no successor."""
NOTED: Final = ("successor_by", "made_by_us", "renewal_asked_at")
"""The columns of a contract that `note` sets."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The renewal of one contract.

    `certificate_ends` is empty where no data is stored; `due` where the certificate lasts as long
    as the contract, or it has ended. `by_us`: our MO CA issued the certificate, so we renew it.
    `asked_at`: since when a successor is asked for.
    """

    certificate_ends: datetime | None
    due: datetime | None
    by_us: bool
    asked_at: datetime | None = None


def plan(contract: Contract) -> Plan:
    """Plan the renewal of a contract by the window of its MO."""
    rows = contract.data.order_by("certificate_not_after")
    first = rows.values_list("certificate_not_after", "certificate_fingerprint").first()
    if first is None:
        return Plan(None, None, by_us=True)
    ends, fingerprint = first
    by_us = IssuedCertificate.objects.filter(fingerprint=bytes(fingerprint)).exists()
    if contract.state == Contract.State.ENDED or not needs_successor(contract, ends, by_us=by_us):
        return Plan(ends, None, by_us)
    due = ends - timedelta(days=contract.mo.renewal_window_days)
    return Plan(ends, due, by_us, contract.renewal_asked_at)


def needs_successor(contract: Contract, certificate_ends: datetime, *, by_us: bool) -> bool:
    """Tell whether the contract runs on after its certificate.

    Contract data of an MO's own CA says no more than its certificate does: whether the contract
    runs on is for the MO to say, so it is asked.
    """
    return not by_us or contract.ends - certificate_ends >= SAME_END


def note(contract: Contract, certificate_ends: datetime, *, by_us: bool) -> None:
    """Note on a contract whose data is being stored when it needs a successor.

    Whoever asked for one before has it now. The caller saves `NOTED`.
    """
    needed = needs_successor(contract, certificate_ends, by_us=by_us)
    contract.successor_by = certificate_ends if needed else None
    contract.made_by_us = by_us
    contract.renewal_asked_at = None
