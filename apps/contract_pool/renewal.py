"""When the data of a contract has to be renewed: before its certificate ends, if it runs longer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.contract_pool.models import Contract
from apps.pki.models import IssuedCertificate

SAME_END: Final = timedelta(days=1)
"""A certificate that ends less than this before its contract needs no successor."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The renewal of one contract.

    `certificate_ends` is empty where no data is stored; `due` where the certificate lasts as long
    as the contract, or it has ended. `by_us`: our MO CA issued the certificate, so we may renew.
    """

    certificate_ends: datetime | None
    due: datetime | None
    by_us: bool


def plan(contract: Contract) -> Plan:
    """Plan the renewal of a contract by the window of its MO."""
    rows = contract.data.order_by("certificate_not_after")
    first = rows.values_list("certificate_not_after", "certificate_fingerprint").first()
    if first is None:
        return Plan(None, None, by_us=True)
    ends, fingerprint = first
    by_us = IssuedCertificate.objects.filter(fingerprint=bytes(fingerprint)).exists()
    if contract.state == Contract.State.ENDED or contract.ends - ends < SAME_END:
        return Plan(ends, None, by_us)
    return Plan(ends, ends - timedelta(days=contract.mo.renewal_window_days), by_us)
