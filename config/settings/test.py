"""Tests: throw-away secrets, SQLite unless DATABASE_URL says otherwise, no broker."""

import base64

from config.logs import logging_config
from config.settings.base import *  # noqa: F403  settings are modules
from config.settings.base import INSTALLED_APPS, VAR_DIR, database, env

SECRET_KEY = "test-" * 16
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PUBLIC_URL = "http://testserver"
HOST = "127.0.0.1"
PORT = 8000
VALKEY_SOCKET = VAR_DIR / "run" / "valkey.sock"
SANDBOX = True
SECOND_FACTOR = "off"  # tests that are about it switch it on
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
DATABASES = {"default": database(env("DATABASE_URL", default="sqlite://:memory:"))}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
VAULT_KEYS = ["1:" + base64.b64encode(b"v" * 32).decode()]
AUDIT_KEYS = ["1:" + base64.b64encode(b"a" * 32).decode()]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "apps.participants.hashers.LongSecretHasher",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = logging_config(level="ERROR", as_json=False)
