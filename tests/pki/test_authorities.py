"""Our own CAs: who may make them, where they stand, which one is chosen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Right, Role
from apps.core.errors import Forbidden, Invalid, Unavailable
from apps.pki import selectors, services
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from tests.factories import parties, trust
from tests.factories.trust import Purpose
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import check_sub_ca_path
from v2g.pki.profiles import LEAVES, Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", list(IsoVersion))
def test_sub_cas_of_every_purpose_lead_to_the_root(version: IsoVersion) -> None:
    ecosystem = trust.v2g_ecosystem(version=version)
    anchors = Anchors([Anchor(ecosystem.root.certificate, RootKind.V2G)])
    for purpose in ecosystem.sub2:
        path = check_sub_ca_path(
            ecosystem.chain(purpose),
            anchors,
            profile=LEAVES[Branch(purpose)],
            version=version,
        )
        assert path.root.certificate == ecosystem.root.certificate


def test_a_sub_ca_stands_in_the_table_of_its_issuer() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.MO])
    rows = IssuedCertificate.objects.filter(authority=ecosystem.root)
    assert [bytes(row.fingerprint or b"") for row in rows] == [
        bytes(ecosystem.sub1[Purpose.MO].fingerprint)
    ]


def test_a_sub_ca_ends_no_later_than_the_ca_above_it() -> None:
    actor = trust.operator_person()
    begins = trust.now() - timedelta(days=39 * 365)
    root = services.create_authority(
        actor=actor, name="Old root", purpose=Purpose.V2G, not_before=begins
    )
    sub1 = services.create_authority(actor=actor, name="Sub", purpose=Purpose.CPO, parent=root)
    assert sub1.not_after == root.not_after


@pytest.mark.parametrize("right", [Right.VIEWER, Right.EDITOR])
def test_only_an_administrator_of_the_operator_makes_a_ca(right: Right) -> None:
    with pytest.raises(Forbidden) as refused:
        services.create_authority(
            actor=trust.operator_person(right), name="Root", purpose=Purpose.V2G
        )
    assert refused.value.code == "right"
    outsider = parties.person(
        organization=parties.organization(roles=[Role.OEM]), right=Right.ADMIN
    )
    with pytest.raises(Forbidden) as refused:
        services.create_authority(actor=outsider, name="Root", purpose=Purpose.V2G)
    assert refused.value.code == "role"
    assert not Authority.objects.exists()


def test_the_tree_has_three_levels_of_one_purpose() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.CPO])
    actor = trust.operator_person()
    cases = [
        (Purpose.CPO, ecosystem.sub2[Purpose.CPO], "too_deep"),
        (Purpose.V2G, ecosystem.root, "too_deep"),
        (Purpose.MO, ecosystem.sub1[Purpose.CPO], "other_purpose"),
        (Purpose.MO, None, "not_a_root"),
    ]
    for purpose, parent, code in cases:
        with pytest.raises(Invalid) as refused:
            services.create_authority(actor=actor, name="X", purpose=purpose, parent=parent)
        assert refused.value.code == code


def test_making_a_ca_is_logged() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[])
    event = AuditEvent.objects.get(action="pki.create_authority")
    assert event.target_id == str(ecosystem.root.uuid)


def test_the_authority_of_a_purpose_is_chosen_by_root_level_and_version() -> None:
    first = trust.v2g_ecosystem(purposes=[Purpose.MO, Purpose.CPO])
    second = trust.v2g_ecosystem(purposes=[Purpose.MO])
    newer = trust.v2g_ecosystem(purposes=[Purpose.MO], version=IsoVersion.ISO_20)
    at = timezone.now()

    def chosen(root: bytes | None, level: Authority.Level, version: IsoVersion) -> Authority:
        return selectors.authority_for(
            purpose=Purpose.MO, at=at, level=level, root=root, version=version
        )

    sub1, sub2 = Authority.Level.SUB1, Authority.Level.SUB2
    two, twenty = IsoVersion.ISO_2, IsoVersion.ISO_20
    assert chosen(bytes(first.root.fingerprint), sub2, two) == first.sub2[Purpose.MO]
    assert chosen(bytes(first.root.fingerprint), sub1, two) == first.sub1[Purpose.MO]
    assert chosen(bytes(second.root.fingerprint), sub2, two) == second.sub2[Purpose.MO]
    assert chosen(None, sub2, twenty) == newer.sub2[Purpose.MO]
    with pytest.raises(Unavailable):
        chosen(bytes(first.root.fingerprint), sub2, twenty)


def test_the_path_of_an_authority_ends_with_its_root() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.OEM])
    assert selectors.path_of(ecosystem.sub2[Purpose.OEM]) == [
        *ecosystem.chain(Purpose.OEM),
        ecosystem.root.certificate,
    ]


def test_a_revoked_sub_ca_is_not_chosen_any_more() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.MO])
    sub2 = ecosystem.sub2[Purpose.MO]
    issued = IssuedCertificate.objects.get(fingerprint=sub2.fingerprint)
    services.revoke(
        actor=trust.operator_person(),
        certificates=[issued],
        reason=RevocationReason.CA_COMPROMISE,
    )
    with pytest.raises(Unavailable):
        selectors.authority_for(purpose=Purpose.MO, at=timezone.now())


def test_each_party_sees_its_own_certificates_only() -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.CPO])
    mine = parties.organization(roles=[Role.CPO])
    other = parties.organization(roles=[Role.CPO])
    IssuedCertificate.objects.create(
        authority=ecosystem.sub2[Purpose.CPO],
        serial=b"1",
        owner=mine,
        not_before=timezone.now(),
        not_after=timezone.now(),
    )
    decoy = IssuedCertificate.objects.create(
        authority=ecosystem.sub2[Purpose.CPO],
        serial=b"2",
        owner=other,
        not_before=timezone.now(),
        not_after=timezone.now(),
    )
    seen = selectors.issued(parties.person(organization=mine))
    assert {row.owner for row in seen} == {mine}
    everything = selectors.issued(trust.operator_person())
    assert decoy in everything
    assert everything.count() == IssuedCertificate.objects.count()
    assert not selectors.authorities(parties.person(organization=mine)).exists()
