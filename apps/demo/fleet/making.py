"""Vehicles written straight into the PCP of a sandbox, with certificates that are valid.

No process of the product makes so many rows at once and without an audit event each; what reads
the rows cannot tell the difference. The first certificate passes the checks of a publication, and
its record stands for the others, which differ from it in PCID, serial number and key alone.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, transaction
from django.utils import timezone

from apps.demo.fleet.casting import Mould, Terms
from apps.demo.guard import require_sandbox
from apps.participants.models import Organization
from apps.pki import sub_cas
from apps.provisioning_pool import checks
from apps.provisioning_pool.checks import Accepted, Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

BATCH: Final = 2000
LASTING: Final = timedelta(days=4 * 365)
VERSION: Final = IsoVersion.ISO_2
MOST: Final = 999_999_999
OWN: Final = ("pcid", "der", "serial", "fingerprint", "checks")
"""The columns of a vehicle's row that differ from those of its neighbours."""


@dataclass(frozen=True, slots=True)
class Maker:
    """The car maker of a fleet: its sub-CAs (Sub2, Sub1), the key of Sub2 and where it answers."""

    owner: Organization
    wmi: str
    sub2: Certificate
    sub1: Certificate
    key: ec.EllipticCurvePrivateKey
    ocsp_url: str
    crl_url: str


def pcid_of(wmi: str, number: int) -> str:
    """The PCID of a vehicle of a fleet; numbers run from 1 to 999,999,999."""
    return f"{wmi}FLEET{number:09d}"


def key_of(pcid: str) -> ec.EllipticCurvePrivateKey:
    """The private key of a vehicle of a fleet. It follows from the PCID, so nothing keeps it."""
    value = int.from_bytes(hashlib.sha256(f"Plugpool fleet {pcid}".encode()).digest(), "big")
    # Halved, it is below the order of P-256, which begins with 32 bits that are set.
    return ec.derive_private_key((value >> 1) + 1, VERSION.curve)


def add_vehicles(
    *, maker: Maker, count: int, v2g_roots: Sequence[bytes] = (), lasting: timedelta = LASTING
) -> Iterator[int]:
    """Add vehicles to those that the fleet has; yields how many are there after each batch.

    `v2g_roots` are the key identifiers of the roots that the vehicles carry. Raises
    ImproperlyConfigured outside a sandbox, Invalid where the sub-CAs reach no trusted root.
    """
    require_sandbox()
    now = timezone.now().replace(microsecond=0)
    first = _last_number(maker.wmi) + 1
    terms = Terms(
        organization=maker.owner.name,
        not_before=now - timedelta(minutes=5),
        not_after=now + lasting,
        ocsp_url=maker.ocsp_url,
        crl_url=maker.crl_url,
    )
    mould = Mould(terms, pcid=pcid_of(maker.wmi, 0), issuer=maker.sub2, key=maker.key)
    chain = Chain(vehicle=mould.first.der, sub2=maker.sub2.der, sub1=maker.sub1.der)
    accepted = checks.verify(checks.parse(chain), version=VERSION, at=now)
    shared = _shared(maker, accepted, [root.hex() for root in v2g_roots], now)
    record = json.dumps(accepted.record)
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        own = [_own(mould, record, pcid_of(maker.wmi, number)) for number in numbers]
        _insert((*OWN, *shared), [(*values, *shared.values()) for values in own])
        yield numbers.stop - first


def _last_number(wmi: str) -> int:
    prefix = pcid_of(wmi, 0)[:-9]
    rows = ProvisioningCertificate.objects.filter(
        pcid__gte=pcid_of(wmi, 0), pcid__lte=pcid_of(wmi, MOST)
    )
    last = rows.order_by("-pcid").values_list("pcid", flat=True).first()
    return int(last.removeprefix(prefix)) if last else 0


def _shared(
    maker: Maker, accepted: Accepted, v2g_roots: list[str], now: datetime
) -> dict[str, Any]:
    """The columns that are alike in every row, as the database takes them."""
    sub2, sub1 = sub_cas.remember([maker.sub2, maker.sub1])
    times = {
        "not_before": accepted.parsed.vehicle.not_before,
        "not_after": accepted.parsed.vehicle.not_after,
        "published_at": now,
    }
    adapt = connection.ops.adapt_datetimefield_value
    return {
        "owner_id": maker.owner.pk,
        "namespace": VERSION.namespace,
        "sub_ca2_id": sub2.pk,
        "sub_ca1_id": sub1.pk,
        "root_id": accepted.root.pk,
        "v2g_roots": json.dumps(v2g_roots),
        "previous_pcid": "",
        **{name: adapt(value) for name, value in times.items()},
    }


def _own(mould: Mould, record: str, pcid: str) -> tuple[str, bytes, bytes, bytes, str]:
    """The columns of OWN for one vehicle."""
    der, serial = mould.cast(pcid, key_of(pcid).public_key())
    fingerprint = hashlib.sha256(der).digest()
    checked = record.replace(mould.first.fingerprint.hex(), fingerprint.hex())
    return pcid, der, serial, fingerprint, checked


def _insert(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Write rows without making objects of them, which would take longer than the signatures."""
    table = ProvisioningCertificate._meta.db_table  # noqa: SLF001  Django documents it
    names = ", ".join(columns)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608  our own names
