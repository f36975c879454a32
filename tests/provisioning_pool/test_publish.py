"""Publishing vehicles: what enters the pool, and what is refused with nothing written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role, system
from apps.core.errors import Forbidden, Invalid
from apps.participants.models import Organization
from apps.pki.models import SubCa
from apps.provisioning_pool import services
from apps.provisioning_pool.checks import Chain
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import services as rcp
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.factories.status_services import StatusServer
from tests.provisioning_pool.publishing import publish, refused
from v2g.pki.profiles import CONTRACT_LEAF, OEM_LEAF, Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


@pytest.fixture
def maker() -> Organization:
    return parties.organization(wmis=["WVW"])


def test_a_vehicle_enters_with_its_chain_its_owner_and_the_record_of_its_checks(
    oem: trust.OemPki, maker: Organization
) -> None:
    leaf = pki.make_leaf(oem.pki, "wvwTest0000000001")
    row = publish(maker, trust.chain_of(leaf, oem.pki), v2g_roots=[b"\x45\xb8\x40"])
    assert (row.pcid, row.owner, row.root) == ("WVWTEST0000000001", maker, oem.root_row)
    assert bytes(row.der) == leaf.der
    assert bytes(row.fingerprint) == leaf.certificate.fingerprint
    assert row.sub_ca2 is not None
    assert bytes(row.sub_ca2.der) == oem.pki.sub2.der
    assert bytes(row.sub_ca1.der) == oem.pki.sub1.der
    assert row.v2g_roots == ["45b840"]
    assert [one["by"] for one in row.checks["status"]] == ["crl", "crl", "crl"]
    assert row.checks["status"][0]["sha256"] == leaf.certificate.fingerprint.hex()
    assert {"path", "signature", "validity", "curve"} <= set(row.checks["passed"])
    assert AuditEvent.objects.get(action="provisioning_pool.publish").target_id == row.pcid


def test_vehicles_of_one_line_share_their_sub_cas(oem: trust.OemPki, maker: Organization) -> None:
    for _ in range(3):
        trust.published_vehicle(oem=oem, owner=maker)
    assert ProvisioningCertificate.objects.count() == 3
    assert SubCa.objects.count() == 2


def test_both_generations_are_admitted_each_with_its_curve(maker: Organization) -> None:
    newer = trust.oem_pki(version=IsoVersion.ISO_20)
    leaf = pki.make_leaf(newer.pki, trust.pcid())
    row = publish(maker, trust.chain_of(leaf, newer.pki), IsoVersion.ISO_20)
    assert row.namespace == "urn:iso:15118:20:2022:MsgDef"


def test_a_chain_with_one_sub_ca_is_enough(maker: Organization) -> None:
    made = trust.oem_pki(crls_of=("root", "sub1"))
    flat = replace(made.pki, sub2=made.pki.sub1)
    leaf = pki.make_leaf(flat, trust.pcid())
    row = publish(maker, Chain(vehicle=leaf.der, sub2=None, sub1=made.pki.sub1.der))
    assert row.sub_ca2 is None


def test_a_foreign_wmi_is_403(oem: trust.OemPki, maker: Organization) -> None:
    leaf = pki.make_leaf(oem.pki, "WDD00000000000001")
    error = refused(maker, trust.chain_of(leaf, oem.pki))
    assert (error.status, error.code) == (403, "foreign_wmi")


@pytest.mark.parametrize(
    ("roles", "right", "code"),
    [
        ([Role.MO], Right.ADMIN, "role"),
        ([Role.CPO], Right.ADMIN, "role"),
        ([Role.CPS], Right.ADMIN, "role"),
        ([Role.OPERATOR], Right.ADMIN, "role"),
        ([Role.OEM], Right.VIEWER, "right"),
    ],
)
def test_only_an_oem_that_may_write_publishes(
    oem: trust.OemPki, roles: list[Role], right: Right, code: str
) -> None:
    leaf = pki.make_leaf(oem.pki, trust.pcid())
    actor = parties.bare_actor(roles=roles, right=right, wmis=["WVW"])
    with pytest.raises(Forbidden) as error:
        services.publish(actor=actor, chain=trust.chain_of(leaf, oem.pki))
    assert error.value.code == code


def test_the_system_publishes_nothing(oem: trust.OemPki) -> None:
    leaf = pki.make_leaf(oem.pki, trust.pcid())
    with pytest.raises(Forbidden):
        services.publish(actor=system("x"), chain=trust.chain_of(leaf, oem.pki))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("vehicle", "Invalid certificate format on vehicleCertificate"),
        ("sub1", "Invalid certificate format on subCa1Certificate"),
        ("sub2", "Invalid certificate format on subCa2Certificate"),
    ],
)
@pytest.mark.parametrize("garbage", [b"", b"no certificate", b"\x30\x80", b"\x00" * 3000])
def test_a_malformed_certificate_is_named(
    oem: trust.OemPki, maker: Organization, field: str, text: str, garbage: bytes
) -> None:
    chain = trust.chain_of(pki.make_leaf(oem.pki), oem.pki)
    error = refused(maker, replace(chain, **{field: garbage}))
    assert (error.status, error.message) == (400, text)


@pytest.mark.parametrize(
    "name", ["WVW0000000000001", "WVW00000000000-01", "WVW" + "0" * 16, "Ä" * 17]
)
def test_a_common_name_that_is_no_pcid_is_400_with_opcps_text(
    oem: trust.OemPki, maker: Organization, name: str
) -> None:
    template = pki.make_leaf(oem.pki)
    draft = pki.draft_like(template, OEM_LEAF)
    subject = replace(draft.subject, common_name=name)
    leaf = pki.forge(replace(draft, subject=subject), oem.pki.sub2, oem.pki.sub2.key)
    chain = Chain(vehicle=leaf.der, sub2=oem.pki.sub2.der, sub1=oem.pki.sub1.der)
    error = refused(maker, chain)
    assert (error.status, error.message) == (400, 'pcid : must match "^[a-zA-Z0-9]{17,18}$"')


BadChain = Callable[[pki.Pki, pki.Holder], Chain]
BAD_CHAINS: dict[str, tuple[BadChain, str]] = {
    "misordered": (
        lambda made, leaf: Chain(vehicle=leaf.der, sub2=made.sub1.der, sub1=made.sub2.der),
        "chain_out_of_order",
    ),
    "half, Sub2 missing": (
        lambda made, leaf: Chain(vehicle=leaf.der, sub2=None, sub1=made.sub1.der),
        "issuer_missing",
    ),
    "half, Sub1 missing": (
        lambda made, leaf: Chain(vehicle=leaf.der, sub2=None, sub1=made.sub2.der),
        "unknown_root",
    ),
    "root instead of Sub1": (
        lambda made, leaf: Chain(vehicle=leaf.der, sub2=made.sub2.der, sub1=made.root.der),
        "root_in_chain",
    ),
    "a CA instead of the vehicle": (
        lambda made, _: Chain(
            vehicle=pki.forge(
                pki.draft_like(pki.make_leaf(made), replace(OEM_LEAF, is_ca=True)),
                made.sub2,
                made.sub2.key,
            ).der,
            sub2=made.sub2.der,
            sub1=made.sub1.der,
        ),
        "leaf_is_a_ca",
    ),
    "signed by another key": (
        lambda made, leaf: Chain(
            vehicle=pki.forge(
                pki.draft_like(leaf, OEM_LEAF), made.sub2, pki.make_key("another")
            ).der,
            sub2=made.sub2.der,
            sub1=made.sub1.der,
        ),
        "signature_invalid",
    ),
    "a contract certificate": (
        lambda made, leaf: Chain(
            vehicle=pki.forge(pki.draft_like(leaf, CONTRACT_LEAF), made.sub2, made.sub2.key).der,
            sub2=made.sub2.der,
            sub1=made.sub1.der,
        ),
        "leaf_of_another_role",
    ),
}


@pytest.mark.parametrize("case", sorted(BAD_CHAINS))
def test_a_chain_that_is_none_is_refused(oem: trust.OemPki, maker: Organization, case: str) -> None:
    make, code = BAD_CHAINS[case]
    error = refused(maker, make(oem.pki, pki.make_leaf(oem.pki)))
    assert (error.status, error.code) == (400, code)


def test_a_foreign_chain_is_refused_and_its_addresses_are_never_called(
    maker: Organization, status_server: StatusServer
) -> None:
    stranger = trust.oem_pki(trusted=False)
    leaf = trust.leaf_with(stranger.pki, crl_url=status_server.url("/crl"))
    error = refused(maker, trust.chain_of(leaf, stranger.pki))
    assert (error.status, error.code) == (400, "unknown_root")
    assert status_server.asked == []


def test_a_root_of_another_kind_does_not_count(maker: Organization) -> None:
    made = trust.oem_pki(trusted=False)
    trust.trusted_root(der=made.pki.root.der, root_type=RootCertificate.Type.MO)
    leaf = pki.make_leaf(made.pki, trust.pcid())
    assert refused(maker, trust.chain_of(leaf, made.pki)).code == "unknown_root"


@pytest.mark.parametrize("claimed", list(IsoVersion))
def test_the_curve_must_be_that_of_the_version(maker: Organization, claimed: IsoVersion) -> None:
    other = next(version for version in IsoVersion if version is not claimed)
    made = trust.oem_pki(version=other)
    leaf = pki.make_leaf(made.pki, trust.pcid())
    error = refused(maker, trust.chain_of(leaf, made.pki), version=claimed)
    assert (error.status, error.code) == (400, "curve_not_of_version")


def test_an_expired_vehicle_is_refused(oem: trust.OemPki, maker: Organization) -> None:
    leaf = pki.make_leaf(oem.pki, trust.pcid(), at=trust.now() - timedelta(days=40), days=30)
    error = refused(maker, trust.chain_of(leaf, oem.pki))
    assert (error.status, error.code) == (400, "expired")
    assert "The OEM provisioning certificate expired on" in error.message


def test_a_vehicle_that_is_not_valid_yet_is_refused(oem: trust.OemPki, maker: Organization) -> None:
    leaf = pki.make_leaf(oem.pki, trust.pcid(), at=trust.now() + timedelta(days=40))
    assert refused(maker, trust.chain_of(leaf, oem.pki)).code == "not_yet_valid"


def test_an_expired_sub_ca_is_refused(oem: trust.OemPki, maker: Organization) -> None:
    actor = trust.oem_actor(maker)
    at = trust.now() + timedelta(days=365 * 8 + 1)
    leaf = pki.make_leaf(oem.pki, trust.pcid(), at=at)
    with time_machine.travel(at), pytest.raises(Invalid, match="OEM Sub2 expired on"):
        services.publish(actor=actor, chain=trust.chain_of(leaf, oem.pki))


def test_what_has_expired_is_named_as_that_even_in_a_broken_chain(maker: Organization) -> None:
    stranger = trust.oem_pki(trusted=False)
    old = pki.make_leaf(stranger.pki, trust.pcid(), at=trust.now() - timedelta(days=40), days=30)
    assert refused(maker, trust.chain_of(old, stranger.pki)).code == "expired"


def test_nothing_is_published_inside_a_transaction(oem: trust.OemPki, maker: Organization) -> None:
    leaf = pki.make_leaf(oem.pki, trust.pcid())
    with pytest.raises(RuntimeError), transaction.atomic():
        publish(maker, trust.chain_of(leaf, oem.pki))


def test_a_root_that_is_removed_blocks_new_vehicles(oem: trust.OemPki, maker: Organization) -> None:
    rcp.ask_removal(actor=trust.operator_person(), root=oem.root_row)
    trust.published_vehicle(oem=oem, owner=maker)
    rcp.confirm_removal(actor=trust.operator_person(), root=oem.root_row)
    with pytest.raises(Invalid) as error:
        trust.published_vehicle(oem=oem, owner=maker)
    assert error.value.code == "unknown_root"
    assert ProvisioningCertificate.objects.count() == 1


def test_an_mo_pki_publishes_no_vehicles(maker: Organization) -> None:
    made = trust.oem_pki(branch=Branch.MO)
    leaf = pki.make_leaf(made.pki, trust.pcid(), profile=OEM_LEAF)
    assert refused(maker, trust.chain_of(leaf, made.pki)).code == "unknown_root"
