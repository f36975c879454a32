"""Rows that every enrolment reads and that hardly ever change, at most five seconds old.

Hundreds of enrolments a second would read them anew each time. What may have changed meanwhile does
no harm: whether a client may call at all is read from its own record, and a certificate below an
authority that was revoked a moment ago is worth nothing, because its path ends in that authority.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from time import monotonic
from typing import Final, Generic, TypeVar

from apps.participants.models import Organization
from apps.pki import selectors
from apps.pki.models import Authority
from v2g.protocol import IsoVersion

MAX_AGE_S: Final = 5.0
KEPT_AT_MOST: Final = 500

Row = TypeVar("Row")


class _Rows(Generic[Row]):
    """A bounded cache whose entries count their age from before they were read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Row]] = OrderedDict()

    def get(self, name: Hashable, read: Callable[[], Row]) -> Row:
        now = monotonic()
        with self._lock:
            found = self._kept.get(name)
        if found is not None and now - found[0] < MAX_AGE_S:
            return found[1]
        row = read()
        with self._lock:
            self._kept[name] = (now, row)
            while len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)
        return row

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


_authorities: Final = _Rows[Authority]()
_owners: Final = _Rows[Organization]()


def authority_for(*, purpose: Authority.Purpose, at: datetime, version: IsoVersion) -> Authority:
    """Return what `selectors.authority_for` returned in the last five seconds."""

    def read() -> Authority:
        return selectors.authority_for(purpose=purpose, at=at, version=version)

    return _authorities.get((purpose, version), read)


def owner(organization_id: int) -> Organization:
    """Return the organisation as it was in the last five seconds."""
    return _owners.get(organization_id, lambda: Organization.objects.get(pk=organization_id))


def forget_all() -> None:
    """Drop every row, as a new process has none."""
    _authorities.forget()
    _owners.forget()
