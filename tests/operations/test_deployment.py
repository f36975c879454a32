"""What deploy/ and docs/operations.md say is what the code has."""

import ast
import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.beat import beat
from celery.bin.worker import worker
from django.core.management import get_commands
from granian.cli import cli as granian

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
SANDBOX = {"HOST", "PORT", "SECOND_FACTOR", "HTTP_SANDBOX_TARGETS"}
"""Of config.settings.local; production refuses those that would open it."""


def asked(*files: str) -> dict[str, bool]:
    """Every setting that is read from the environment, and whether it has a default."""
    found: dict[str, bool] = {}
    for file in files:
        for node in ast.walk(ast.parse((ROOT / "config" / "settings" / file).read_text())):
            if not isinstance(node, ast.Call) or not _reads_environment(node.func):
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                named = any(keyword.arg == "default" for keyword in node.keywords)
                found[str(node.args[0].value)] = named
    return found


def _reads_environment(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        called = called.value
    return isinstance(called, ast.Name) and called.id == "env"


def written() -> set[str]:
    """The settings that the tables of docs/operations.md explain."""
    return {
        name
        for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|", OPERATIONS, re.MULTILINE)
        for name in re.findall(r"[A-Z_]+", row)
    }


def test_every_setting_is_explained_and_none_that_is_not_there() -> None:
    read = asked("base.py", "portal.py", "production.py", "local.py")
    assert set(read) >= SANDBOX | {"VAULT_KEYS", "TRUSTED_PROXIES"}
    assert written() == set(read)


def test_the_example_names_all_that_production_needs_and_nothing_else() -> None:
    lines = (DEPLOY / "plugpool.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    read = asked("base.py", "portal.py", "production.py")
    assert set(given) - {"DJANGO_SETTINGS_MODULE"} <= set(read)
    needed = {name for name, default in read.items() if not default}
    assert needed - {"OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"} <= set(given)
    secret = re.compile(".*(KEY|KEYS|TOKEN|_URL)")
    public = {"PUBLIC_URL", "STATUS_URL"}
    assert all(not given[name] for name in given if secret.fullmatch(name) and name not in public)


def commands() -> Iterator[tuple[str, list[str]]]:
    """What units and containers start, word by word."""
    for path in UNITS:
        unit = configparser.RawConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
        unit.read(path)
        assert unit["Service"]["EnvironmentFile"] == "/etc/plugpool/plugpool.env"
        assert unit["Service"]["NoNewPrivileges"] == "yes"
        for name in ("ExecStartPre", "ExecStart"):
            if name in unit["Service"]:
                yield path.name, shlex.split(unit["Service"][name])
    for name, service in services().items():
        if service.get("image") == "plugpool:local":
            yield name, [str(word) for word in service["command"]]


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())[
        "services"
    ]
    return found


def test_everything_that_is_started_exists_with_its_options() -> None:
    known = {
        "granian": {name for parameter in granian.params for name in parameter.opts},
        "worker": {name for parameter in worker.params for name in parameter.opts},
        "beat": {name for parameter in beat.params for name in parameter.opts},
    }
    known["granian"] |= {"--no-ws"}
    started = set()
    for name, words in commands():
        line = " ".join(words)
        for command in re.findall(r"manage\.py (\w+)", line):
            assert command in get_commands(), name
            started.add(command)
        for part, options in known.items():
            if f" {part} " not in f" {line} ":
                continue
            started.add(part)
            used = re.findall(r"--[a-z-]+", line.partition(f"{part} ")[2])
            assert set(used) <= options, name
    assert started == {"granian", "worker", "beat", "migrate", "collectstatic", "backup"} | {
        "verify_backup"
    }


def test_units_and_containers_start_the_web_server_alike() -> None:
    lines = [re.sub(r"\s+", " ", " ".join(words)) for _, words in commands()]
    web = {line.partition("-m granian ")[2] for line in lines if "-m granian " in line}
    assert len(web) == 1


def test_containers_depend_on_what_is_there_and_hold_no_secret() -> None:
    found = services()
    for service in found.values():
        assert set(service.get("depends_on", ())) <= set(found)
        assert not any("PASSWORD" in name for name in service.get("environment", {})) or (
            set(service["environment"]) >= {"POSTGRES_PASSWORD_FILE"}
        )
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert copied
    assert all((ROOT / name).exists() for names in copied for name in names.split())


@pytest.mark.parametrize("file", ["nginx.conf", "haproxy.cfg"])
def test_the_proxy_overwrites_what_plugpool_believes(file: str) -> None:
    text = (DEPLOY / file).read_text()
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "Client-Cert", "Forwarded"):
        assert re.search(rf"(proxy_set_header|set-header|del-header) {header}\b", text), header
    assert "/pki/" in text


def test_the_page_names_commands_that_exist() -> None:
    named = set(re.findall(r"manage\.py (\w+)", OPERATIONS))
    assert named >= {"backup", "restore", "verify_backup", "rotate_vault_key", "ceremony"}
    assert named <= set(get_commands())


def test_links_of_the_page_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", OPERATIONS):
        assert (ROOT / "docs" / target).exists(), target
