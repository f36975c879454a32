"""strongSwan's `pki` on the command line."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PKI = "pki"


@cache
def is_installed() -> bool:
    """Tell whether there is a `pki` that knows EST and, by its OpenSSL plugin, elliptic curves."""
    if shutil.which(PKI) is None:
        return False
    told = subprocess.run([PKI, "--help"], capture_output=True, text=True, timeout=60, check=False)
    text = told.stdout + told.stderr
    return "pki --est " in text and " openssl " in text


@dataclass(frozen=True)
class StrongSwan:
    """The client, in a folder with its files."""

    folder: Path

    def run(self, *arguments: str, save: str = "") -> str:
        """Run it, keep what it prints under this name, and return what it logs."""
        done = self._run(*arguments)
        log = done.stderr.decode(errors="replace")
        assert done.returncode == 0, log
        if save:
            (self.folder / save).write_bytes(done.stdout)
        return log

    def fail(self, *arguments: str) -> str:
        """Run what must not succeed; return what it logs."""
        done = self._run(*arguments)
        log = done.stderr.decode(errors="replace")
        assert done.returncode != 0, log
        return log

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [PKI, *arguments]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, timeout=60, check=False
        )

    def make_request(
        self, common_name: str, *, name: str = "", kind: str = "ecdsa", size: int = 256
    ) -> None:
        """Make a key, `<name>key.der`, and a signing request for it, `<name>csr.der`."""
        key = f"{name}key.der"
        self.run("--gen", "--type", kind, "--size", str(size), save=key)
        named = f"O=Somebody else, CN={common_name}"
        self.run("--req", "--type", kind, "--in", key, "--dn", named, save=f"{name}csr.der")

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()
