"""Backup of the whole database into a folder of files, and back into an empty database."""

from apps.operator.backup.checking import check
from apps.operator.backup.making import make
from apps.operator.backup.manifest import Manifest
from apps.operator.backup.restoring import restore

__all__ = ["Manifest", "check", "make", "restore"]
