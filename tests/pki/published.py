"""An authority of ours with certificates that somebody asks about, and OpenSSL who asks."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils import timezone

from apps.core.actor import system
from apps.pki import services
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from tests.factories import pki, trust
from tests.factories.trust import Purpose
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import CPS_LEAF

ACTOR = system("tests")


def make_authority() -> Authority:
    """The CPS Sub2 of a new V2G PKI."""
    return trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]


def issue(authority: Authority, *, days: int = 90, key: str = "cps") -> IssuedCertificate:
    """A leaf of the authority that is valid from now on, for the key of this name."""
    begins = trust.now()
    return services.issue(
        actor=ACTOR,
        authority=authority,
        profile=CPS_LEAF,
        common_name="CPS 1",
        public_key=pki.make_key(key).public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=days),
        owner=None,
    )


def revoke(
    row: IssuedCertificate, reason: RevocationReason = RevocationReason.KEY_COMPROMISE
) -> None:
    services.revoke(actor=ACTOR, certificates=[row], reason=reason)


def revoke_in_vain(row: IssuedCertificate) -> None:
    """Revoke inside a transaction that is rolled back."""
    with transaction.atomic():
        services.revoke_held(
            actor=ACTOR, certificates=[row], reason=RevocationReason.KEY_COMPROMISE
        )
        transaction.set_rollback(True)


def at() -> datetime:
    return timezone.now().replace(microsecond=0)


def pem(certificate: Certificate) -> bytes:
    return x509.load_der_x509_certificate(certificate.der).public_bytes(Encoding.PEM)


def path_of(authority: Authority) -> list[Certificate]:
    """The authority's certificate and all above it."""
    found = [authority.certificate]
    while authority.parent:
        authority = authority.parent
        found.append(authority.certificate)
    return found


@dataclass(frozen=True)
class OpenSsl:
    """The command line client, in a folder with what it needs."""

    folder: Path

    def write(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return name

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
