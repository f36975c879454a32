"""The contracts that wait for the MO: new data of its own CA, or a look at why renewing failed."""

from collections.abc import Iterator
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.contract_pool import due
from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.core.web import display
from apps.core.web.pages import Row, TableCard
from apps.core.web.paging import in_batches
from apps.participants import rights
from apps.participants.rights import Operation

SHOWN: Final = 100
"""Rows of each table on the page; all of them are in the file."""
MOST: Final = 100_000
BATCH: Final = 1_000
COLUMNS: Final = ("emaid", "pcid", "certificate_ends", "asked", "why")
OWN_CA: Final = "own_ca"
FAILED: Final = "failed"


def asked(viewer: Actor) -> Any:
    """Return the contracts that need new data of the MO's own CA; what ends first."""
    return due.asked(_mo(viewer))


def failing(viewer: Actor) -> Any:
    """Return the contracts that were to be renewed here and were not."""
    return due.failing(_mo(viewer), now=timezone.now())


def cards(viewer: Actor) -> tuple[TableCard, ...]:
    """The tables of the page; that of failures only where there are any."""
    hands_in = rights.may(viewer, Operation.CPS_SIGN)
    waiting = TableCard(
        title=_("Waiting for contract data of your CA"),
        note=_("what ends first before the others"),
        columns=(_("EMAID"), _("Vehicle"), _("Certificate ends"), _("Asked for"), _("Next step")),
        rows=tuple(
            _row(contract, _hand_in(contract, may=hands_in)) for contract in asked(viewer)[:SHOWN]
        ),
        empty=_("Nothing is to be renewed by you now."),
    )
    failed = tuple(_row(contract, _jobs()) for contract in failing(viewer)[:SHOWN])
    if not failed:
        return (waiting,)
    columns = (_("EMAID"), _("Vehicle"), _("Certificate ends"), _("Last tried"), _("Next step"))
    title, note = _("Renewal failed"), _("it is tried again every day")
    return (waiting, TableCard(title=title, note=note, columns=columns, rows=failed, empty=""))


def written(viewer: Actor) -> Iterator[list[str]]:
    """All rows for a file, at most 100,000 of each kind."""
    for why, rows in ((OWN_CA, asked(viewer)), (FAILED, failing(viewer))):
        for contract in in_batches(rows, most=MOST, size=BATCH):
            ends, since = contract.successor_by, contract.renewal_asked_at
            yield [contract.emaid, contract.pcid, ends.isoformat(), since.isoformat(), why]


def _row(contract: Contract, step: Any) -> Row:
    return Row(
        href=reverse("admin:contract_pool_contract_change", args=[contract.pk]),
        cells=(
            display.code(contract.emaid),
            display.code(contract.pcid),
            display.date_cell(contract.successor_by),
            display.date_cell(contract.renewal_asked_at),
            step,
        ),
    )


def _hand_in(contract: Contract, *, may: bool) -> SafeString | str:
    if not may:
        return display.EMPTY
    address = reverse("admin:contract_pool_contract_hand_in", args=[contract.pk])
    return _link(address, _("Hand in new contract data"))


def _jobs() -> SafeString:
    address = reverse("admin:jobs_job_changelist")
    return _link(address, _("See why in the jobs"))


def _link(address: str, text: str) -> SafeString:
    return format_html('<a class="pp-link" href="{}">{}</a>', address, text)


def _mo(viewer: Actor) -> int:
    """Somebody without an organisation has no contracts."""
    return viewer.organization_id or 0
