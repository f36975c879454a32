"""OpenSSL as the status service of a car maker: its OCSP responder, and the CRLs that it signs."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.factories import pki, trust

GOOD, REVOKED = "V", "R"
_CONFIG = """
[ca]
default_ca = ours
[ours]
database = index.txt
crlnumber = number.txt
default_md = sha256
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid:always
"""


@dataclass(frozen=True)
class Known:
    """Who signs, for which issuer, and what is known of which serial numbers."""

    issuer: pki.Holder
    states: Mapping[int, str]
    signer: pki.Holder | None = None

    def write(self, folder: Path) -> None:
        """Lay out the files that the tools of OpenSSL read."""
        signer = self.signer or self.issuer
        (folder / "issuer.pem").write_bytes(_pem(self.issuer))
        (folder / "signer.pem").write_bytes(_pem(signer))
        (folder / "signer.key").write_bytes(_key(signer))
        (folder / "issuer.key").write_bytes(_key(self.issuer))
        (folder / "index.txt").write_text("".join(map(_line, self.states.items())))
        (folder / "number.txt").write_text("2A\n")
        (folder / "ca.cnf").write_text(_CONFIG)


@dataclass(frozen=True)
class Responder:
    """A running `openssl ocsp -port`."""

    host: str
    process: "subprocess.Popen[str]"

    @property
    def url(self) -> str:
        return f"http://{self.host}/ocsp"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


@contextmanager
def responding(folder: Path, known: Known, *, minutes: int = 60) -> Iterator[Responder]:
    """Run the responder on a free port; its answers end after so many minutes."""
    known.write(folder)
    command = [
        *("openssl", "ocsp", "-port", "0", "-index", "index.txt", "-CA", "issuer.pem"),
        *("-rsigner", "signer.pem", "-rkey", "signer.key", "-nmin", str(minutes)),
    ]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        port = re.search(r":([0-9]+) PID", said)
        assert port, said
        yield Responder(f"127.0.0.1:{port[1]}", process)
    finally:
        process.kill()
        process.wait(timeout=20)
        process.stdout.close()


def make_crl(
    folder: Path, known: Known, *, begins: datetime | None = None, days: float = 7
) -> bytes:
    """Have OpenSSL sign a CRL, a minute old unless it begins at another time; in DER."""
    known.write(folder)
    start = begins or trust.now() - timedelta(minutes=1)
    end = start + timedelta(days=days)
    made = [
        *("openssl", "ca", "-config", "ca.cnf", "-gencrl", "-cert", "issuer.pem"),
        *("-keyfile", "issuer.key", "-out", "crl.pem"),
        *("-crl_lastupdate", f"{start:%Y%m%d%H%M%SZ}", "-crl_nextupdate", f"{end:%Y%m%d%H%M%SZ}"),
    ]
    read = ["openssl", "crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der"]
    for command in (made, read):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    return (folder / "crl.der").read_bytes()


def _line(entry: tuple[int, str]) -> str:
    serial, state = entry
    digits = f"{serial:X}"
    number = digits.zfill(len(digits) + len(digits) % 2)
    expires = f"{trust.now() + timedelta(days=300):%y%m%d%H%M%SZ}"
    gone = f"{trust.now() - timedelta(hours=1):%y%m%d%H%M%SZ},keyCompromise"
    return (
        f"{state}\t{expires}\t{gone if state == REVOKED else ''}\t{number}\tunknown\t/CN={number}\n"
    )


def _pem(holder: pki.Holder) -> bytes:
    return x509.load_der_x509_certificate(holder.der).public_bytes(Encoding.PEM)


def _key(holder: pki.Holder) -> bytes:
    return holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
