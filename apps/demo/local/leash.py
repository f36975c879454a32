"""Run a command that ends when the process which started it ends.

    python -m apps.demo.local.leash PARENT_PID COMMAND [ARGUMENT ...]

The supervisor ends its parts itself; this is for the case that the supervisor is killed without
being asked (SIGKILL, out of memory): Linux then sends SIGTERM to the part. Elsewhere the command
simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Ask the kernel for the signal, then become the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  no shell is what we want


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
