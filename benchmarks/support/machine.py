"""What a figure was measured on."""

import os
import platform
from importlib.metadata import version


def print_machine() -> None:
    """Print processor, load and versions in one line: no figure means anything without them."""
    packages = ("Django", "cryptography", "granian")
    versions = " ".join(f"{name} {version(name)}" for name in packages)
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores ({_processor()}), load {load:.1f},"
        f" Python {platform.python_version()}, {versions}",
        flush=True,
    )


def _processor() -> str:
    """Return the processor's name; Linux alone tells it in a file."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123  read line by line
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except FileNotFoundError:
        pass
    return platform.processor() or platform.machine()
