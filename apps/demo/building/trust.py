"""The PKIs and their roots: our V2G PKIs for -2 and -20, Aurora's and Direct Mobility's own."""

from typing import Final

from django.conf import settings

from apps.core.actor import Actor
from apps.demo.pki import DemoPki
from apps.pki import services as pki
from apps.pki.models import Authority
from apps.root_pool import services as root_pool
from apps.root_pool.models import RootCertificate
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

PURPOSES: Final = (
    Authority.Purpose.CPO,
    Authority.Purpose.MO,
    Authority.Purpose.OEM,
    Authority.Purpose.CPS,
)


ROOT_NAMES: Final = {
    IsoVersion.ISO_2: "Plugpool Demo V2G Root",
    IsoVersion.ISO_20: "Plugpool Demo V2G Root -20",
}


ORGANIZATIONS: Final = {IsoVersion.ISO_2: "Plugpool Demo", IsoVersion.ISO_20: "Plugpool"}
SUB_CA_NAMES: Final = {
    IsoVersion.ISO_2: "Plugpool Demo {purpose} Sub{level}",
    IsoVersion.ISO_20: "{purpose} Sub{level} -20",
}
"""Short ones for -20: with its keys of 521 bits a vehicle's certificate reaches 800 octets."""


def make_v2g_pki(actor: Actor, version: IsoVersion) -> Authority:
    """Make the V2G root of a generation and, for each purpose, Sub1 and Sub2; return the root."""
    organization = ORGANIZATIONS[version]
    root = pki.create_authority(
        actor=actor,
        name=ROOT_NAMES[version],
        purpose=Authority.Purpose.V2G,
        version=version,
        organization_name=organization,
    )
    for purpose in PURPOSES:
        parent = root
        for level in (1, 2):
            parent = pki.create_authority(
                actor=actor,
                name=SUB_CA_NAMES[version].format(purpose=purpose.value, level=level),
                purpose=purpose,
                parent=parent,
                organization_name=organization,
            )
    return root


def make_own_pki(slug: str, *, branch: Branch, organization: str) -> DemoPki:
    """Make the PKI that a party keeps for itself."""
    return DemoPki.make(
        slug, branch=branch, organization=organization, base_url=settings.PUBLIC_URL
    )


def approve_root(
    der: bytes, root_type: RootCertificate.Type, *, first: Actor, second: Actor
) -> RootCertificate:
    """Two persons take a root into the RCP; the second types the fingerprint it was told."""
    submitted = root_pool.submit(actor=first, der=der, root_type=root_type)
    told = bytes(submitted.fingerprint).hex(":").upper()
    return root_pool.confirm(actor=second, root=submitted, fingerprint=told)
