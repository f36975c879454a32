"""Production starts with every secret and address given, or not at all."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from apps.audit import guards
from config import checks

PROJECT = Path(__file__).resolve().parents[2]
KEY = "1:" + base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = "1:" + base64.b64encode(bytes(range(100, 132))).decode()
SAME_OCTET = "1:" + base64.b64encode(b"v" * 32).decode()
GIVEN = {
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOP",
    "ALLOWED_HOSTS": "plugpool.example",
    "PUBLIC_URL": "https://plugpool.example",
    "DATABASE_URL": "postgres://u:p@127.0.0.1/plugpool",
    "REDIS_URL": "redis://127.0.0.1/0",
    "VAULT_KEYS": KEY,
    "AUDIT_KEYS": OTHER_KEY,
}


def start(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings as a new process does."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.production", **GIVEN, **changes}
    code = "import django; django.setup(); from django.conf import settings; settings.DEBUG"
    return subprocess.run(
        [sys.executable, *(command or ["-c", code])],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_starts_with_all_that_is_needed() -> None:
    done = start()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": "s" * 60},
        {"SECRET_KEY": "django-insecure-" + GIVEN["SECRET_KEY"]},
        {"ALLOWED_HOSTS": ""},
        {"ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": "plugpool.example,."},
        {"ALLOWED_HOSTS": "plugpool.example,*.example"},
        {"ALLOWED_HOSTS": "other.example"},
        {"PUBLIC_URL": "http://plugpool.example"},
        {"PUBLIC_URL": "https://"},
        {"DATABASE_URL": ""},
        {"REDIS_URL": ""},
        {"VAULT_KEYS": ""},
        {"VAULT_KEYS": "1:AAAA"},
        {"VAULT_KEYS": SAME_OCTET},
        {"VAULT_KEYS": OTHER_KEY},
        {"AUDIT_KEYS": "garbage"},
        {"AUDIT_KEYS": SAME_OCTET},
        {"METRICS_TOKEN": "short"},
        {"METRICS_TOKEN": "0123456789" * 4},
        {"METRICS_NETWORKS": "0.0.0.0/0"},
        {"METRICS_NETWORKS": "10.0.0.1/8"},
        {"CLIENT_CERTIFICATE_PROXIES": "::/0"},
        {"SANDBOX": "1"},
        {"DEMO": "1"},
        {"SECOND_FACTOR": "off"},
    ],
    ids=lambda changes: "=".join(next(iter(changes.items())))[:40],
)
def test_it_does_not_start_without(changes: dict[str, str]) -> None:
    done = start(**changes)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert next(iter(changes)) in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_nothing_of_what_is_needed_has_a_default(name: str) -> None:
    done = start(**{name: ""})
    assert done.returncode != 0
    assert name in done.stderr.strip().splitlines()[-1]


def test_the_check_of_a_deployment_has_nothing_to_say() -> None:
    done = start("manage.py", "check", "--deploy", "--fail-level", "DEBUG")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    "name", ["config.middleware.Csrf", "config.middleware.FrameOptions"], ids=["csrf", "frames"]
)
def test_a_middleware_that_is_missing_is_an_error(settings: Settings, name: str) -> None:
    assert checks.middleware_is_there(None) == []
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != name]
    assert [found.id for found in checks.middleware_is_there(None)] == ["plugpool.E001"]


@pytest.mark.django_db
def test_an_audit_trail_without_its_triggers_is_seen() -> None:
    guards.install(connection)
    assert checks.audit_trail_is_guarded(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        where = f" ON {guards.EVENTS}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {guards.EVENTS}_no_update{where}")
    assert len(checks.audit_trail_is_guarded(None, databases=["default"])) == 1


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
def test_an_openid_provider_needs_who_we_are(missing: str) -> None:
    provider = {
        "OIDC_ISSUER": "https://id.example.org",
        "OIDC_CLIENT_ID": "plugpool",
        "OIDC_CLIENT_SECRET": "s3cret",
    }
    assert start(**provider).returncode == 0
    done = start(**{name: value for name, value in provider.items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr.strip().splitlines()[-1]


def test_an_openid_provider_is_asked_over_https_only() -> None:
    who = {"OIDC_CLIENT_ID": "plugpool", "OIDC_CLIENT_SECRET": "s3cret"}
    done = start(OIDC_ISSUER="http://id.example.org", **who)
    assert done.returncode != 0
    assert "OIDC_ISSUER must be https" in done.stderr.strip().splitlines()[-1]
