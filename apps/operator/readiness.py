"""Whether the whole product can do its work, part by part, within two seconds (`/readyz`)."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Final

from django.db import DatabaseError, connection
from django.utils import timezone
from structlog import get_logger

from apps.operator import vitals
from apps.operator.services import BACKGROUND, CLOCK

log = get_logger(__name__)
ANSWER_S: Final = 2.0
KEPT_S: Final = 1.0
"""How long an answer serves further callers: who asks in a loop costs one look a second."""
SIGNER_KEPT_S: Final = 10.0
TAIL_AT_MOST: Final = timedelta(seconds=60)


class State(StrEnum):
    """How a part stands."""

    OK = "ok"
    LATE = "late"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `needed`: without it nothing should be sent here, so it makes /readyz red."""

    state: State
    says: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """All parts."""

    parts: dict[str, Part]

    @property
    def ready(self) -> bool:
        return not any(one.needed and one.state is State.DOWN for one in self.parts.values())

    def text(self) -> str:
        """Return JSON, one part a line."""
        worst = all(one.state is State.OK for one in self.parts.values())
        status = ("ready" if worst else "degraded") if self.ready else "not ready"
        lines = [
            f"  {json.dumps(name)}: "
            + json.dumps({"state": one.state, "needed": one.needed, "says": one.says})
            for name, one in self.parts.items()
        ]
        parts = ",\n".join(lines)
        return f'{{"status": "{status}", "parts": {{\n{parts}\n}}}}\n'


def report() -> Report:
    """Look at every part at once; what does not answer in ANSWER_S is down. Never raises."""
    found = _looks.begin()
    wait(found.values(), timeout=ANSWER_S)
    silent = Part(State.DOWN, f"no answer within {ANSWER_S:g} s")
    parts: dict[str, Part] = {}
    for names, future in found.items():
        answered = _answered(future)
        for name in names:
            given = answered.get(name, silent)
            parts[name] = Part(given.state, given.says, name not in NOT_NEEDED)
    return Report({name: parts[name] for name in ORDER})


def _answered(future: Future[dict[str, Part]]) -> dict[str, Part]:
    if not future.done():
        return {}
    error = future.exception()
    if error is None:
        return future.result()
    log.error("readiness_failed", exc_info=error)
    return {}


class _Looks:
    """At most one look is under way in a process, however many ask; the last serves a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = 0.0
        self._found: dict[tuple[str, ...], Future[dict[str, Part]]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def begin(self) -> dict[tuple[str, ...], Future[dict[str, Part]]]:
        with self._lock:
            busy = not all(future.done() for future in self._found.values())
            if not self._found or not (busy or monotonic() - self._begun < KEPT_S):
                if self._threads is None:
                    self._threads = ThreadPoolExecutor(len(GROUPS), "readyz")
                self._begun = monotonic()
                self._found = {names: self._threads.submit(look) for names, look in GROUPS.items()}
            return self._found

    def forget(self) -> None:
        """Look anew at the next question."""
        with self._lock:
            wait(self._found.values())
            self._found = {}


def _in_database() -> dict[str, Part]:
    """Look at what stands in the database, on a connection that is given back."""
    parts: dict[str, Part] = {}
    try:
        for name, look in DATABASE_LOOKS.items():
            parts[name] = look()
    except DatabaseError:
        silent = "does not answer" if "database" not in parts else "cannot be read"
        parts |= {name: Part(State.DOWN, silent) for name in DATABASE_LOOKS if name not in parts}
    finally:
        connection.close()
    return parts


def _database() -> Part:
    return Part(State.OK, f"answers in {vitals.database_ms()} ms")


def _broker() -> dict[str, Part]:
    waiting = vitals.broker_waiting()
    if waiting is None or not vitals.cache_answers():
        return {"broker": Part(State.DOWN, "does not answer")}
    return {"broker": Part(State.OK, f"{waiting} tasks wait")}


def _worker() -> Part:
    return _alive(vitals.last_sign_of(BACKGROUND), "no worker ran what the clock asked for")


def _beat() -> Part:
    return _alive(vitals.last_sign_of(CLOCK), "the clock gave no sign of life")


def _alive(at: datetime | None, missing: str) -> Part:
    if at is None:
        return Part(State.DOWN, f"{missing} yet")
    seconds = _seconds(timezone.now() - at)
    if vitals.is_fresh(at):
        return Part(State.OK, f"last sign of life {seconds} s ago")
    return Part(State.DOWN, f"{missing} for {seconds} s")


def _audit() -> Part:
    oldest = vitals.oldest_unsealed()
    if oldest is None:
        return Part(State.OK, "every event is sealed")
    tail = timezone.now() - oldest
    state = State.DOWN if tail > TAIL_AT_MOST else State.OK
    return Part(state, f"the oldest event that is not sealed is {_seconds(tail)} s old")


def _crl() -> Part:
    lists = vitals.crls()
    if lists.ended:
        return Part(State.DOWN, f"{len(lists.ended)} ended")
    if lists.behind:
        return Part(State.LATE, f"{len(lists.behind)} to be signed anew")
    if lists.next_end is None:
        return Part(State.OK, "there is none yet")
    return Part(State.OK, f"the next one ends in {_seconds(lists.next_end - timezone.now())} s")


def _ocsp() -> Part:
    missing = vitals.without_responder()
    if missing:
        return Part(State.DOWN, f"{len(missing)} authorities have no valid responder")
    return Part(State.OK, "every responder may sign")


class _Signer:
    """The self-test of the vault, at most every SIGNER_KEPT_S; what failed is tried each time."""

    def __init__(self) -> None:
        self._good_until = 0.0

    def __call__(self) -> Part:
        if monotonic() < self._good_until:
            return Part(State.OK, "signs and verifies")
        if not vitals.signer_works():
            return Part(State.DOWN, "cannot sign, or a vault key is missing")
        self._good_until = monotonic() + SIGNER_KEPT_S
        return Part(State.OK, "signs and verifies")

    def forget(self) -> None:
        self._good_until = 0.0


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


_signer = _Signer()
DATABASE_LOOKS: Final[dict[str, Callable[[], Part]]] = {
    "database": _database,
    "worker": _worker,
    "beat": _beat,
    "signer": _signer,
    "crl": _crl,
    "ocsp": _ocsp,
    "audit": _audit,
}
GROUPS: Final[dict[tuple[str, ...], Callable[[], dict[str, Part]]]] = {
    tuple(DATABASE_LOOKS): _in_database,
    ("broker",): _broker,
}
ORDER: Final = ("database", "broker", "worker", "beat", "signer", "audit", "crl", "ocsp")
NOT_NEEDED: Final = frozenset({"crl", "ocsp"})
"""One authority's list that ended must not take every web server out of service."""
_looks = _Looks()


def forget() -> None:
    """Forget what was seen, for tests."""
    _signer.forget()
    _looks.forget()
