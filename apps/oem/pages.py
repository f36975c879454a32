"""The dry run of an upload, as its page and its CSV file show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.web import display
from apps.core.web.display import Badge
from apps.core.web.refusals import told
from apps.oem import wording
from apps.oem.models import UploadBatch, UploadRow
from apps.oem.wording import Text

Result = UploadRow.Result

SHOWN: Final = 200
"""Rows on the page, failed ones first; the CSV file has all."""
COLUMNS: Final = ("file", "pcid", "result", "problem", "repair", "chain", "valid_until")
_ORDER: Final = (Result.NEW, Result.RENEWS, Result.REKEYS, Result.SAME, Result.FAILED)


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check of a row: its name, how it went, its symbol."""

    name: Text
    outcome: Text
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the dry run in words."""

    row: UploadRow
    badge: Badge
    checks: tuple[ShownCheck, ...]
    line: Text
    repair: Text
    chain_note: Text
    end: Any


@dataclass(frozen=True, slots=True)
class DryRun:
    """The page of a dry run."""

    batch: UploadBatch
    badges: tuple[Badge, ...]
    rows: tuple[ShownRow, ...]
    total: int
    imports: int
    rekeys: int
    failed: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.rows)

    @property
    def imports_shown(self) -> str:
        return display.number(self.imports)


def dry_run(batch: UploadBatch) -> DryRun:
    """Put a dry run into words."""
    counts = {Result(name): count for name, count in batch.counts.items()}
    rows = batch.rows.order_by("result", "number").defer("input")[:SHOWN]
    return DryRun(
        batch=batch,
        badges=_badges(batch),
        rows=tuple(_shown(row) for row in rows),
        total=sum(counts.values()),
        imports=sum(counts.get(one, 0) for one in (Result.NEW, Result.RENEWS, Result.REKEYS)),
        rekeys=counts.get(Result.REKEYS, 0),
        failed=counts.get(Result.FAILED, 0),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """An upload that waits for its import."""

    batch: UploadBatch
    badges: tuple[Badge, ...]
    when: Any


def draft(batch: UploadBatch) -> Draft:
    """Put a waiting upload into words."""
    return Draft(batch, _badges(batch), display.moment(batch.created_at))


def csv_rows(batch: UploadBatch) -> Iterator[tuple[str, ...]]:
    """All rows of a dry run, in the order of the upload."""
    rows = batch.rows.order_by("number").defer("input")
    for row in rows.iterator(chunk_size=1000):
        yield (
            row.source,
            row.pcid,
            str(wording.RESULTS[row.result][0]),
            told(row.detail),
            str(wording.repair(row.code)),
            row.chain,
            row.not_after.isoformat() if row.not_after else "",
        )


def _badges(batch: UploadBatch) -> tuple[Badge, ...]:
    return tuple(_count(one, batch.counts[one]) for one in _ORDER if batch.counts.get(one))


def _count(result: Result, count: int) -> Badge:
    text = str(wording.COUNTED[result]) % {"count": display.number(count)}
    return Badge(text, wording.RESULTS[result][1])


def _shown(row: UploadRow) -> ShownRow:
    return ShownRow(
        row=row,
        badge=wording.result_badge(row.result),
        checks=tuple(_checks(row)),
        line=told(row.detail) or wording.EFFECTS.get(row.result, ""),
        repair=wording.repair(row.code),
        chain_note=_("sub-CAs from the pool") if row.checks.get("from_pool") else "",
        end=display.day(row.not_after) if row.not_after else "",
    )


def _checks(row: UploadRow) -> Iterator[ShownCheck]:
    for key, name in wording.CHECKS.items():
        if key in row.checks:
            outcome, tone, icon = wording.OUTCOMES[row.checks[key]]
            yield ShownCheck(name, outcome, tone, icon)
