"""One machine: SQLite, an embedded Valkey, the sandbox and the demo ecosystem.

Secrets are made at the first start and kept in `var/secrets.json` (mode 0600), so that a second
start opens what the first one sealed.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.logs import logging_config
from config.settings.base import *  # noqa: F403  settings are modules
from config.settings.base import INSTALLED_APPS, VAR_DIR, database, env


def _port(given: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", given) or not 1 <= int(given) <= 65_535:
        raise ImproperlyConfigured(f"PORT must be a number from 1 to 65535, not '{given[:40]}'.")
    return int(given)


HOST = env("HOST", default="127.0.0.1")
PORT = _port(env("PORT", default="8000"))
_REACHED = "127.0.0.1" if HOST in ("0.0.0.0", "::") else HOST  # noqa: S104  compared, not bound
PUBLIC_URL = env("PUBLIC_URL", default=f"http://{_REACHED}:{PORT}")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", HOST]
SANDBOX = True
SECOND_FACTOR = env("SECOND_FACTOR", default="off")  # the log-in page says so
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]


def _secrets() -> dict[str, str]:
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = VAR_DIR / "secrets.json"
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "VAULT_KEY": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "AUDIT_KEY": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        # Written beside and linked into place: of two processes that start at once, one wins and
        # both read the winner's secrets.
        beside = path.with_name(f"secrets.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            json.dump(made, stream)
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    read: dict[str, str] = json.loads(path.read_text("ascii"))
    return read


_kept = _secrets()
SECRET_KEY = _kept["SECRET_KEY"]
VAULT_KEYS = [_kept["VAULT_KEY"]]
AUDIT_KEYS = [_kept["AUDIT_KEY"]]
DATABASES = {
    "default": database(env("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'plugpool.sqlite3'}"))
}


def _valkey_socket() -> Path:
    """`var/run/valkey.sock`, or a short path where that would not fit into a socket address."""
    path = VAR_DIR / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= 100:  # sun_path: 108 octets on Linux, 104 on macOS
        return path
    digest = hashlib.sha256(os.fsencode(VAR_DIR)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"plugpool-{os.getuid()}-{digest}" / "valkey.sock"


VALKEY_SOCKET = _valkey_socket()
REDIS_URL = env("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{VALKEY_SOCKET}"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or f"unix://{VALKEY_SOCKET}",
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # nothing to collect before the first page
METRICS_NETWORKS = env.list("METRICS_NETWORKS", default=["127.0.0.1", "::1"])
STATUS_REUSE_S = 0  # a certificate revoked a moment ago is refused at once
HTTP_SANDBOX_TARGETS = (
    *(f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"{HOST}:{PORT}"),
    *env.list("HTTP_SANDBOX_TARGETS", default=["127.0.0.1:8009"]),  # the receiver of docs/api.md
)
LOGGING = logging_config(level=env("LOG_LEVEL", default="WARNING"), as_json=False)
