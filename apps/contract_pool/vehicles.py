"""The vehicle of a contract as the pool reads it from the PCP: in columns, not as a row object."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.core.errors import Invalid
from apps.pki.status import Source
from apps.pki.status.reading import Held, require_good
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import selectors as roots
from apps.root_pool.selectors import TrustedRoot
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate

NOT_AVAILABLE: Final = "The OEM provisioning certificate with the given PCID is not available."
FOREIGN: Final = frozenset({Source.CRL.value, Source.OCSP.value})
"""Sources whose answers are asked for again; our own revocations arrive as signals."""

COLUMNS: Final = (
    "der",
    "owner_id",
    "root_id",
    "checks",
    "v2g_roots",
    "sub_ca2__not_after",
    "sub_ca1__not_after",
)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The current provisioning certificate of a PCID; the fields are `COLUMNS`, in that order."""

    der: bytes
    owner_id: int
    root_id: int
    checks: Mapping[str, Any]
    v2g_roots: Sequence[str]
    sub2_until: datetime | None
    sub1_until: datetime

    def carries(self, root: TrustedRoot) -> bool:
        """Tell whether the vehicle holds the V2G root; True where the OEM did not say."""
        key_id = root.certificate.extensions.subject_key_id
        return not self.v2g_roots or (key_id is not None and key_id.hex() in self.v2g_roots)

    def require_valid(
        self, certificate: Certificate, root: TrustedRoot | None, *, now: datetime
    ) -> TrustedRoot:
        """Check that the root is trusted and that the whole path is valid now (shell model).

        Raises Invalid: unknown_root, expired, not_yet_valid.
        """
        if root is None:
            raise Invalid("unknown_root", "The root of the vehicle is not trusted any more.")
        ends = [certificate.not_after, self.sub1_until, root.certificate.not_after]
        if self.sub2_until is not None:
            ends.append(self.sub2_until)
        if min(ends) < now:
            raise Invalid("expired", "The OEM provisioning certificate, or one above it, expired.")
        if now < certificate.not_before:
            raise Invalid("not_yet_valid", "The OEM provisioning certificate is not valid yet.")
        return root


def held(checks: Mapping[str, Any], root: TrustedRoot) -> Iterator[Held]:
    """The foreign certificates in a record of `apps.pki.status`, whose stored status counts."""
    for one in checks["status"]:
        if one["by"] in FOREIGN:
            issuer, serial = bytes.fromhex(one["issuer"]), bytes.fromhex(one["serial"])
            yield Held(issuer, serial, root.policy.max_age)


def current(pcid: Pcid, *, now: datetime) -> tuple[Vehicle, Certificate]:
    """Return the vehicle of a PCID and its certificate, valid now and good by its stored status.

    Raises Invalid with OPCP's text for a vehicle that contract data cannot be made for.
    """
    found = list(ProvisioningCertificate.objects.filter(pcid=str(pcid)).values_list(*COLUMNS))
    if not found:
        raise Invalid("pcid_not_available", NOT_AVAILABLE)
    vehicle = Vehicle(*found[0])
    certificate = Certificate.from_der(bytes(vehicle.der))
    try:
        root = vehicle.require_valid(certificate, roots.trusted_by_pk(vehicle.root_id), now=now)
        require_good(held(vehicle.checks, root), at=now)
    except Invalid as error:
        raise Invalid(f"vehicle_{error.code}", NOT_AVAILABLE) from error
    return vehicle, certificate
