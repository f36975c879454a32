"""One request to one receiver. Runs in threads: it touches no row."""

from dataclasses import dataclass
from time import perf_counter
from typing import Final

from apps.core import http
from apps.core.errors import Invalid
from apps.events import envelope, targets
from apps.events.models import OutboxEvent

MAX_ANSWER: Final = 64_000
NOTE: Final = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request: `status_code` is None where no whole answer came."""

    status_code: int | None
    milliseconds: int
    note: str


def post(*, url: str, secret: bytes, event: OutboxEvent) -> Reply:
    """Send an event; every failure is a Reply, because the attempt is recorded either way.

    The URL is checked once more: what a sandbox allowed may be forbidden today.
    """
    body = envelope.render(event)
    started = perf_counter()
    try:
        answer = http.request(
            "POST",
            targets.check(url),
            content=body,
            headers=envelope.headers(body, secret=secret),
            max_bytes=MAX_ANSWER,
        )
    except (http.Refused, Invalid) as error:
        return Reply(None, _since(started), error.message[:NOTE])
    note = "" if 200 <= answer.status < 300 else _beginning(answer.body)
    return Reply(answer.status, _since(started), note)


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)


def _beginning(body: bytes) -> str:
    """Return the first printable characters of what the receiver said."""
    text = body[: 4 * NOTE].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)[:NOTE].strip()
