"""Trust for tests: our V2G PKI, foreign OEM PKIs and published vehicles, by the real services."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.core.actor import Actor, Right, Role
from apps.participants import selectors as participants
from apps.participants.models import Organization, User
from apps.pki import services as pki_services
from apps.pki.models import Authority
from apps.pki.status import answers
from apps.provisioning_pool import services as pcp
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import services as rcp
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, snapshots
from v2g.ids import Pcid
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl, Revoked, build_crl
from v2g.pki.profiles import OEM_LEAF, Branch
from v2g.protocol import IsoVersion

Purpose = Authority.Purpose
_numbers = itertools.count(1)
_people: dict[UUID, tuple[Actor, Actor]] = {}


@dataclass(frozen=True)
class Ecosystem:
    """Our V2G root, trusted in the RCP, and its sub-CAs by purpose."""

    root: Authority
    sub1: dict[Purpose, Authority]
    sub2: dict[Purpose, Authority]
    root_row: RootCertificate

    def chain(self, purpose: Purpose) -> tuple[Certificate, Certificate]:
        """Sub2 and Sub1 of a purpose."""
        return self.sub2[purpose].certificate, self.sub1[purpose].certificate


@dataclass(frozen=True)
class Vehicle:
    """A published vehicle: its row, its private key, its certificates (leaf, Sub2, Sub1)."""

    row: ProvisioningCertificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[Certificate, ...]
    owner: Organization

    @property
    def pcid(self) -> Pcid:
        return Pcid(self.row.pcid)


@dataclass(frozen=True)
class OemPki:
    """A car maker's own PKI, its root trusted in the RCP, fresh CRLs of all its CAs stored."""

    pki: pki.Pki
    root_row: RootCertificate


def now() -> datetime:
    """The clock, in whole seconds as certificates have it."""
    return timezone.now().replace(microsecond=0)


def operator() -> Organization:
    """The one operator organisation of a test."""
    found = Organization.objects.filter(role_rows__role=Role.OPERATOR).first()
    return found or parties.organization(roles=[Role.OPERATOR], name="Operator")


def operator_person(right: Right = Right.ADMIN) -> Actor:
    """A new person of the operator."""
    return parties.person(organization=operator(), right=right)


def operator_people() -> tuple[Actor, Actor]:
    """The two persons of the operator who make what tests begin with, the same ones every time.

    Making people anew for each root cost more than the roots.
    """
    organization = operator()
    kept = _people.get(organization.uuid)
    if kept is None or organization.pk != kept[0].organization_id or not _known(kept):
        _people.clear()
        kept = _people[organization.uuid] = operator_person(), operator_person()
    return kept


def _known(people: tuple[Actor, Actor]) -> bool:
    """Whether their rows are still there: a test's transaction takes back what it made."""
    return User.objects.filter(pk__in=[one.identifier for one in people]).count() == len(people)


def trusted_root(
    *, der: bytes, root_type: RootCertificate.Type, submitted_by: Actor | None = None
) -> RootCertificate:
    """Bring a root into the RCP by two persons."""
    first, second = operator_people()
    root = rcp.submit(actor=submitted_by or first, der=der, root_type=root_type)
    fingerprint = bytes(root.fingerprint).hex(":").upper()
    return rcp.confirm(actor=second, root=root, fingerprint=fingerprint)


@snapshots.kept
def v2g_ecosystem(
    *,
    name: str = "",
    purposes: Collection[Purpose] = (Purpose.CPO, Purpose.MO, Purpose.OEM, Purpose.CPS),
    version: IsoVersion = IsoVersion.ISO_2,
) -> Ecosystem:
    """Make a V2G root of ours with Sub1 and Sub2 for each purpose, and trust the root."""
    actor, _ = operator_people()
    label = name or f"Plugpool {next(_numbers)}"
    root = pki_services.create_authority(
        actor=actor, name=f"{label} V2G Root", purpose=Purpose.V2G, version=version
    )
    sub1 = {purpose: _sub_ca(actor, label, purpose, root) for purpose in purposes}
    sub2 = {purpose: _sub_ca(actor, label, purpose, sub1[purpose]) for purpose in purposes}
    row = trusted_root(der=bytes(root.der), root_type=RootCertificate.Type.V2G)
    return Ecosystem(root, sub1, sub2, row)


@snapshots.kept
def oem_pki(
    *,
    branch: Branch = Branch.OEM,
    version: IsoVersion = IsoVersion.ISO_2,
    trusted: bool = True,
    crls_of: Collection[str] = ("root", "sub1", "sub2"),
    salt: str = "",
) -> OemPki:
    """Make a car maker's PKI (or an MO's, by `branch`) and trust its root.

    Fresh CRLs are stored for the issuers in `crls_of`, so nothing needs to be fetched for them.
    """
    made = pki.make_pki(branch, at=now(), version=version, salt=salt or str(next(_numbers)))
    for issuer in crls_of:
        keep_crl(getattr(made, issuer), version=version)
    root_type = RootCertificate.Type(branch.value)
    der = made.root.certificate.der
    row = trusted_root(der=der, root_type=root_type) if trusted else RootCertificate()
    return OemPki(made, row)


def keep_crl(
    issuer: pki.Holder,
    *,
    revoked: Collection[Certificate] = (),
    version: IsoVersion = IsoVersion.ISO_2,
    at: datetime | None = None,
) -> None:
    """Store a fresh CRL of a foreign issuer as if it had been fetched."""
    instant = at or now()
    der = crl_of(issuer, revoked=revoked, version=version, at=instant)
    crl = Crl.read(der, issuer=issuer.certificate, at=instant)
    answers.keep_crl(issuer.certificate, crl, url="http://crl.test/c.crl", at=instant)


def crl_of(
    issuer: pki.Holder,
    *,
    revoked: Collection[Certificate] = (),
    version: IsoVersion = IsoVersion.ISO_2,
    at: datetime | None = None,
    days: int = 7,
) -> bytes:
    """Make the DER of a CRL of a foreign issuer, one minute old."""
    instant = at or now()
    return build_crl(
        [Revoked(certificate.serial, instant, "keyCompromise") for certificate in revoked],
        issuer=issuer.certificate,
        signing_key=issuer.key,
        version=version,
        number=next(_numbers),
        this_update=instant - timedelta(minutes=1),
        next_update=instant + timedelta(days=days),
    )


def leaf_with(
    made: pki.Pki, *, pcid_text: str = "", ocsp_url: str = "", crl_url: str = ""
) -> pki.Holder:
    """Make a provisioning certificate that names these status services and no others."""
    template = pki.make_leaf(made, pcid_text or pcid())
    draft = pki.draft_like(
        template, OEM_LEAF, version=made.version, ocsp_url=ocsp_url, crl_url=crl_url
    )
    return pki.Holder(pki.forge(draft, made.sub2, made.sub2.key), template.key)


def chain_of(leaf: pki.Holder, made: pki.Pki) -> Chain:
    """The chain as an OEM sends it."""
    return Chain(vehicle=leaf.der, sub2=made.sub2.der, sub1=made.sub1.der)


def pcid(wmi: str = "WVW") -> str:
    """A PCID that no other vehicle of the test run has."""
    return f"{wmi}{next(_numbers):014d}"


def published_vehicle(
    *,
    oem: OemPki | None = None,
    owner: Organization | None = None,
    pcid_text: str = "",
    v2g_roots: Collection[bytes] = (),
    previous_pcid: Pcid | None = None,
) -> Vehicle:
    """Publish a vehicle of an OEM; both the PKI and the organisation are made if not given."""
    made = oem or oem_pki()
    text = pcid_text or pcid()
    wmi = text[:3].upper()
    owned_by = owner or parties.organization(wmis=[wmi])
    leaf = pki.make_leaf(made.pki, text, key=ec.generate_private_key(made.pki.version.curve))
    row = pcp.publish(
        actor=oem_actor(owned_by),
        chain=chain_of(leaf, made.pki),
        version=made.pki.version,
        v2g_roots=list(v2g_roots),
        previous_pcid=previous_pcid,
    )
    return Vehicle(row, leaf.key, made.pki.chain(leaf), owned_by)


def oem_actor(organization: Organization) -> Actor:
    """An API client of an organisation; one client serves all its vehicles."""
    known = organization.clients.first()
    if known:
        return participants.actor_of_client(known.client_id)
    return parties.actor(organization=organization)


def _sub_ca(actor: Actor, label: str, purpose: Purpose, parent: Authority) -> Authority:
    level = parent.level + 1
    return pki_services.create_authority(
        actor=actor, name=f"{label} {purpose} Sub{level}", purpose=purpose, parent=parent
    )
