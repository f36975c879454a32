"""Structured logs: one event a line, with request and trace id; never a secret or a private key."""

import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
MASK: Final = "[masked]"
SECRET_NAMES: Final = re.compile(
    r".*(secret|password|passwd|authorization|cookie|credential|private|pkcs8|token|session_?key).*",
    re.IGNORECASE,
)
SECRETS: Final = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|$)", re.DOTALL),
        MASK,
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?"), MASK),  # a JWT
    (re.compile(r"(/login/password/)[^/\s]+/[^/\s\"']+"), rf"\1{MASK}"),
    (
        re.compile(
            r"(?i)([\w-]*(?:secret|password|token)[\w-]*['\"]?\s*[=:]\s*['\"]?)"
            r"[^\s&'\",;}]{6,}"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(\w+://[^\s/:@]*):[^\s/@]+@"), rf"\1:{MASK}@"),  # postgres://user:password@
)
"""What a secret looks like wherever it stands: the last line of defence, no licence to log one."""
TOO_TALKATIVE: Final = {
    # At DEBUG these print tokens, headers and bodies.
    "oauthlib": "INFO",
    "oauth2_provider": "INFO",
    "requests_oauthlib": "INFO",
    "urllib3": "INFO",
    "httpcore": "INFO",
    "httpx": "WARNING",
    "asyncio": "INFO",
    "kombu": "INFO",
    "amqp": "INFO",
    "django.server": "WARNING",
}


def masked(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Put MASK in the place of values whose name or look says that they are secret."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: object, value: Any) -> Any:
    if isinstance(key, str) and value and SECRET_NAMES.fullmatch(key):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} octets>"
    if isinstance(value, Mapping):
        return {inner: _masked(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(None, each) for each in value]
    return without_secrets(str(value))


def without_secrets(text: str) -> str:
    """Put MASK in the place of whatever looks like a secret."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING: JSON lines for machines, coloured lines for a terminal."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Plain tracebacks: the decorated ones print local variables, and with them secrets.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if as_json else console
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    masked,
                    renderer,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "events"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: {"level": most} for name, most in TOO_TALKATIVE.items()},
    }
