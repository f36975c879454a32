"""Reading a backup through without a database."""

from pathlib import Path

from apps.operator.backup import files, manifest
from apps.operator.backup.manifest import Manifest


def check(*, folder: Path) -> Manifest:
    """Check the manifest's MAC, and rows and SHA-256 of every file. Raises Invalid."""
    found = manifest.read(folder)
    for part in found.parts:
        for _ in files.read(folder, part):
            pass
    return found
