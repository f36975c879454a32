"""A small ecosystem with a row of every kind for two parties of each role.

What has a service comes through the factories; contracts, data, deliveries, jobs and signers are
rows, because a page only reads them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.actor import Role
from apps.events import secrets
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.jobs.models import Job, JobRow
from apps.keys.models import StoredKey
from apps.operator.models import CleansingRun
from apps.participants.models import ApiClient, Member, Organization, User
from apps.pki.models import Authority, EnrolmentRequest, IssuedCertificate, SubCa
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service.models import Signer
from apps.root_pool.models import CleansingDecision, RootCertificate
from tests.factories import parties, pki, snapshots, trust
from v2g import exi
from v2g.messages import iso2
from v2g.pki.profiles import Branch
from v2g.protocol import IsoVersion

PASSWORD = "correct horse battery"
NAMESPACE = IsoVersion.ISO_2.namespace


@dataclass
class Party:
    """An organisation with one person who may look, and the rows that are its own."""

    organization: Organization
    user: User
    rows: dict[type, Any] = field(default_factory=dict)


@dataclass
class World:
    """Two parties of each role, and the operator."""

    operator: Party
    oems: list[Party]
    mos: list[Party]
    cpos: list[Party]
    cpss: list[Party]
    shared: dict[type, Any]

    @property
    def parties(self) -> list[Party]:
        return [self.operator, *self.oems, *self.mos, *self.cpos, *self.cpss]


def party(name: str, email: str, roles: Collection[Role] = (), **made: Any) -> Party:
    """An organisation, a person, and what every party has."""
    organization = parties.organization(name=name, roles=roles, **made)
    found = Party(organization, _member(organization, email))
    client, _ = parties.client(organization=organization, name=f"{name} backend")
    found.rows[Organization] = organization
    found.rows[ApiClient] = client
    found.rows[Member] = Member.objects.get(user=found.user)
    found.rows[AuditEvent] = AuditEvent.objects.create(
        at=trust.now(),
        actor_kind="person",
        actor_id=str(found.user.pk),
        actor_label=str(found.user),
        organization_id=organization.pk,
        action="participants.change_settings",
        target_type="organization",
        target_id=str(organization.uuid),
        result="ok",
        key_version=1,
        mac=b"m" * 32,
    )
    found.rows[OutboxEvent] = OutboxEvent.objects.create(
        kind="root.cert.added", organization=organization, payload={"serial": "01"}
    )
    found.rows[WebhookEndpoint] = webhook(organization)
    found.rows[WebhookDelivery] = WebhookDelivery.objects.create(
        endpoint=found.rows[WebhookEndpoint],
        event=found.rows[OutboxEvent],
        lane="event:1",
        state=WebhookDelivery.State.DELIVERED,
        attempt_count=1,
        created_at=trust.now(),
        settled_at=trust.now(),
    )
    found.rows[Job] = job(organization, found.user)
    return found


def webhook(organization: Organization) -> WebhookEndpoint:
    """A webhook whose path is nobody else's business."""
    made = WebhookEndpoint(
        organization=organization,
        url=f"https://hooks{organization.pk}.example.com/path-of-{organization.pk}",
        events=["root.cert.added"],
        created_by="Otto",
    )
    secrets.give(made)
    made.save()
    return made


def job(organization: Organization, user: User) -> Job:
    """A finished job with one failed row."""
    made = Job.objects.create(
        kind="import of certificates",
        organization=organization,
        started_by_kind="person",
        started_by=str(user.pk),
        started_by_label=str(user),
        state=Job.State.DONE,
        total=3,
        done=2,
        failed=1,
        finished_at=trust.now(),
    )
    JobRow.objects.create(
        job=made, number=3, state=JobRow.State.FAILED, code="expired", message="It has expired."
    )
    return made


def contract(mo: Organization, emaid: str, pcid: str, **changes: Any) -> Contract:
    """A running contract; it is concluded a month ago and runs for a year."""
    at = trust.now()
    fields = {
        "emaid": emaid,
        "emaid_key": emaid[:14],
        "pcid": pcid,
        "mo": mo,
        "begins": at - timedelta(days=30),
        "ends": at + timedelta(days=335),
        "concluded_at": at - timedelta(days=30),
        **changes,
    }
    return Contract.objects.create(**fields)


def contract_data(of: Contract, mo: trust.OemPki, v2g: RootCertificate) -> ContractData:
    """A bundle with the contract certificate in it; nobody could install it."""
    leaf = pki.make_leaf(mo.pki, of.emaid, at=trust.now(), days=45)
    sub1, sub2 = (sub_ca(holder) for holder in (mo.pki.sub1, mo.pki.sub2))
    certificate = leaf.certificate
    return ContractData.objects.create(
        contract=of,
        namespace=NAMESPACE,
        root=v2g,
        exi=exi.encode(_message(leaf.der, of.emaid)),
        certificate_fingerprint=certificate.fingerprint,
        certificate_issuer=mo.pki.sub2.certificate.fingerprint,
        certificate_serial=certificate.serial_octets,
        certificate_not_before=certificate.not_before,
        certificate_not_after=certificate.not_after,
        contract_sub_ca2=sub2,
        contract_sub_ca1=sub1,
        contract_root=mo.root_row,
        signer_fingerprint=b"s" * 32,
        valid_from=certificate.not_before,
        valid_until=certificate.not_after,
        checks={"contract": [{"sha256": certificate.fingerprint.hex(), "by": "crl"}]},
        stored_at=trust.now(),
    )


def sub_ca(holder: pki.Holder) -> SubCa:
    """The row of a foreign sub-CA."""
    found = holder.certificate
    made, _ = SubCa.objects.get_or_create(
        fingerprint=found.fingerprint,
        defaults={
            "der": found.der,
            "subject": str(found.subject),
            "serial": found.serial_octets,
            "not_before": found.not_before,
            "not_after": found.not_after,
        },
    )
    return made


def delivery(organization: Organization, **changes: Any) -> Delivery:
    """A vehicle got its contract a moment ago."""
    fields = {
        "way": Delivery.Way.INSTALLATION,
        "outcome": Delivery.Outcome.DELIVERED,
        "organization": organization,
        "caller": "cpo-backend",
        "pcid": "WVW00000000000001",
        "emaid_key": "DEAAACABCDEF12",
        "at": trust.now(),
        **changes,
    }
    return Delivery.objects.create(**fields)


def issued(authority: Authority, owner: Organization, branch: Branch, name: str) -> Any:
    """A certificate of ours; its octets are those of another PKI, which no page minds."""
    leaf = pki.make_leaf(pki.make_pki(branch, at=trust.now()), name, at=trust.now()).certificate
    return IssuedCertificate.objects.create(
        authority=authority,
        serial=leaf.serial_octets,
        profile="secc",
        common_name=name,
        owner=owner,
        state=IssuedCertificate.State.ISSUED,
        der=leaf.der,
        fingerprint=leaf.fingerprint,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
    )


def signer(v2g: RootCertificate, certificate: IssuedCertificate) -> Signer:
    """A signer of contract data under the root."""
    made = pki.make_pki(Branch.CPS, at=trust.now())
    return Signer.objects.create(
        root=v2g,
        key=StoredKey.objects.create(backend="vault", label="signer", public_der=b"k"),
        certificate=certificate,
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        sub_ca2=sub_ca(made.sub2),
        sub_ca1=sub_ca(made.sub1),
        namespace=NAMESPACE,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


@snapshots.kept
def build() -> World:
    """Make all of it."""
    ecosystem = trust.v2g_ecosystem(name="Current")
    runs_it = operator()
    mo_pki = trust.oem_pki(branch=Branch.MO)
    oem_pki = trust.oem_pki()
    authority = next(iter(ecosystem.sub2.values()))
    oems = [_oem(number, oem_pki, authority) for number in (1, 2)]
    mos = [_mo(number, mo_pki, ecosystem.root_row, authority) for number in (1, 2)]
    cpos = [_cpo(number, authority) for number in (1, 2)]
    order = issued(authority, runs_it.organization, Branch.CPS, "Plugpool CPS 1")
    runs_it.rows[IssuedCertificate] = order
    asked_about = SubCa.objects.order_by("pk").first()
    assert asked_about is not None
    runs_it.rows[CleansingDecision] = cleansing_decision(asked_about)
    shared: dict[type, Any] = {
        RootCertificate: ecosystem.root_row,
        Authority: authority,
        SubCa: asked_about,
        Signer: signer(ecosystem.root_row, order),
    }
    cpss = [_cps(number, authority) for number in (1, 2)]
    return World(runs_it, oems, mos, cpos, cpss, shared)


def operator() -> Party:
    """The operator with a person."""
    organization = trust.operator()
    user = _member(organization, "olga@operator.example")
    rows: dict[type, Any] = {Organization: organization, CleansingRun: cleansing_run()}
    return Party(organization, user, rows)


def cleansing_run() -> CleansingRun:
    """A run that found nothing."""
    return CleansingRun.objects.create(
        trigger=CleansingRun.Trigger.SCHEDULE,
        pools=["pcp"],
        started_at=trust.now(),
        started_by_label="operator.cleanse",
    )


def cleansing_decision(sub_ca: SubCa) -> CleansingDecision:
    """A question about a sub-CA."""
    return CleansingDecision.objects.create(
        sub_ca=sub_ca,
        why=CleansingDecision.Why.EXPIRED,
        name=sub_ca.subject,
        dependants={"vehicles": 2, "contracts": 0},
        asked_at=trust.now(),
    )


def _oem(number: int, made: trust.OemPki, authority: Authority) -> Party:
    wmi = ("WVW", "WBA")[number - 1]
    found = party(f"Car maker {number}", f"otto{number}@oem.example", wmis=[wmi])
    vehicle = trust.published_vehicle(
        oem=made, owner=found.organization, pcid_text=f"{wmi}0000000000000{number}"
    )
    found.rows[ProvisioningCertificate] = vehicle.row
    found.rows[Delivery] = delivery(found.organization, way=Delivery.Way.OEM)
    found.rows[IssuedCertificate] = issued(
        authority, found.organization, Branch.OEM, f"{wmi}0000000000001{number}"
    )
    return found


def _mo(number: int, made: trust.OemPki, v2g: RootCertificate, authority: Authority) -> Party:
    provider = ("DEAAA", "DEBBB")[number - 1]
    found = party(f"Mobility {number}", f"mia{number}@mo.example", provider_ids=[provider])
    of = contract(found.organization, f"{provider}CABCDEF1{number}", f"WVW0000000000000{number}")
    found.rows[Contract] = of
    found.rows[ContractData] = contract_data(of, made, v2g)
    found.rows[IssuedCertificate] = issued(authority, found.organization, Branch.MO, of.emaid)
    return found


def _cpo(number: int, authority: Authority) -> Party:
    operator_id = ("DECCC", "DEDDD")[number - 1]
    found = party(
        f"Charge points {number}", f"carl{number}@cpo.example", operator_ids=[operator_id]
    )
    found.rows[Delivery] = delivery(found.organization, pcid=f"WVW9000000000000{number}")
    found.rows[IssuedCertificate] = issued(
        authority, found.organization, Branch.CPO, f"{operator_id}E10000{number}"
    )
    return found


def _cps(number: int, authority: Authority) -> Party:
    """A party that signs, with a request that waits."""
    found = party(f"Signers {number}", f"cleo{number}@cps.example", roles=[Role.CPS])
    found.rows[IssuedCertificate] = issued(
        authority, found.organization, Branch.CPS, f"Signers {number} CPS"
    )
    found.rows[EnrolmentRequest] = enrolment_request(found.organization)
    return found


def enrolment_request(owner: Organization) -> EnrolmentRequest:
    """A certificate that was asked for a moment ago."""
    at = trust.now()
    return EnrolmentRequest.objects.create(
        owner=owner,
        requested_by="cps-backend",
        requested_by_label="CPS backend",
        profile="CPS",
        common_name=f"{owner.name} CPS",
        namespace=NAMESPACE,
        public_key_hash=b"h" * 32,
        requested_at=at,
        lapses_at=at + timedelta(days=14),
    )


def _member(organization: Organization, email: str) -> User:
    return parties.member(
        organization=organization,
        email=email,
        name=email.partition("@")[0].title(),
        password=PASSWORD,
    )


def _message(leaf: bytes, emaid: str) -> iso2.V2GMessage:
    chain = iso2.CertificateChain(id="id1", certificate=leaf)
    body = iso2.CertificateInstallationRes(
        response_code=iso2.ResponseCode.OK,
        sa_provisioning_certificate_chain=iso2.CertificateChain(certificate=leaf),
        contract_signature_cert_chain=chain,
        contract_signature_encrypted_private_key=iso2.ContractSignatureEncryptedPrivateKey(
            id="id2", value=b"k" * 48
        ),
        dh_publickey=iso2.DiffieHellmanPublickey(id="id3", value=b"\x04" * 65),
        emaid=iso2.EMAID(id="id4", value=emaid),
    )
    return iso2.V2GMessage(header=iso2.MessageHeader(session_id=b"\x00"), body=body)
