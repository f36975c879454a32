"""Vehicles leave the factory: key, provisioning certificate, publication."""

from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.demo import state
from apps.demo.building.parties import Admitted
from apps.demo.pki import DemoPki, Holder, certificate_pem
from apps.pki import selectors as pki
from apps.pki.models import Authority
from apps.pki.services import Order, issue_many
from apps.provisioning_pool import services as provisioning_pool
from apps.provisioning_pool.services import Chain
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import OEM_LEAF
from v2g.protocol import IsoVersion

LASTING = timedelta(days=4 * 365)


@dataclass(frozen=True, slots=True)
class Built:
    """A vehicle with its key and its chain: leaf, Sub2, Sub1."""

    pcid: str
    oem: Admitted
    key: ec.EllipticCurvePrivateKey
    chain: tuple[Certificate, Certificate, Certificate]


def from_own_pki(oem: Admitted, own: DemoPki, pcids: tuple[str, ...]) -> list[Built]:
    """The OEM's own CA issues."""
    above = (own.sub2.certificate, own.sub1.certificate)
    built = []
    for pcid in pcids:
        leaf = own.leaf(pcid, days=LASTING.days)
        built.append(Built(pcid, oem, leaf.key, (leaf.certificate, *above)))
    return built


def from_v2g_pki(oem: Admitted, pcids: tuple[str, ...]) -> list[Built]:
    """The V2G OEM sub-CA issues for the OEM."""
    now = timezone.now().replace(microsecond=0)
    authority = pki.authority_for(purpose=Authority.Purpose.OEM, at=now)
    sub2, sub1, *_ = pki.path_of(authority)
    keys = [ec.generate_private_key(IsoVersion.ISO_2.curve) for _ in pcids]
    orders = [
        Order(
            profile=OEM_LEAF,
            common_name=pcid,
            public_key=key.public_key(),
            not_before=now,
            not_after=now + LASTING,
            owner=oem.organization,
        )
        for pcid, key in zip(pcids, keys, strict=True)
    ]
    issued = issue_many(actor=oem.actor(), authority=authority, orders=orders)
    return [
        Built(pcid, oem, key, (row.certificate, sub2, sub1))
        for pcid, key, row in zip(pcids, keys, issued, strict=True)
    ]


def publish(vehicle: Built, *, v2g_root: Certificate) -> None:
    """Publish the certificate in the PCP and write key and chain for whoever plays the vehicle."""
    leaf, sub2, sub1 = vehicle.chain
    provisioning_pool.publish(
        actor=vehicle.oem.actor(),
        chain=Chain(vehicle=leaf.der, sub2=sub2.der, sub1=sub1.der),
        v2g_roots=[v2g_root.extensions.subject_key_id or b""],
    )
    folder = state.make_folder(state.folder() / "vehicles" / vehicle.pcid)
    state.write(folder / "key.pem", Holder(vehicle.key, leaf).key_pem)
    pem = b"".join(certificate_pem(certificate) for certificate in vehicle.chain)
    state.write(folder / "chain.pem", pem)
