"""Production starts with every secret and address given, or not at all."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
KEY = "1:" + base64.b64encode(bytes(range(32))).decode()
GIVEN = {
    "SECRET_KEY": "s" * 60,
    "ALLOWED_HOSTS": "plugpool.example",
    "PUBLIC_URL": "https://plugpool.example",
    "DATABASE_URL": "postgres://u:p@127.0.0.1/plugpool",
    "REDIS_URL": "redis://127.0.0.1/0",
    "VAULT_KEYS": KEY,
    "AUDIT_KEYS": KEY,
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Load the settings as a new process does."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.production", **GIVEN, **changes}
    command = "import django; django.setup(); from django.conf import settings; settings.DEBUG"
    return subprocess.run(
        [sys.executable, "-c", command],
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
        {"ALLOWED_HOSTS": ""},
        {"ALLOWED_HOSTS": "*"},
        {"PUBLIC_URL": "http://plugpool.example"},
        {"PUBLIC_URL": "https://"},
        {"DATABASE_URL": ""},
        {"REDIS_URL": ""},
        {"VAULT_KEYS": ""},
        {"VAULT_KEYS": "1:AAAA"},
        {"AUDIT_KEYS": "garbage"},
        {"SANDBOX": "1"},
        {"DEMO": "1"},
        {"SECOND_FACTOR": "off"},
    ],
    ids=lambda changes: "=".join(next(iter(changes.items()))),
)
def test_it_does_not_start_without(changes: dict[str, str]) -> None:
    done = start(**changes)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert next(iter(changes)) in done.stderr.strip().splitlines()[-1]


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
