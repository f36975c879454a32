"""Revocation that a party asks for: by owner and operator, with a reason."""

import pytest

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract
from apps.core.actor import Actor, Right, Role
from apps.core.errors import DomainError, Forbidden, Invalid, NotFound
from apps.pki import services
from apps.pki.models import IssuedCertificate, RevocationReason
from tests.factories import contracts, parties, trust

pytestmark = pytest.mark.django_db

COMPROMISED = RevocationReason.KEY_COMPROMISE


@pytest.fixture
def world() -> contracts.World:
    made = contracts.world()
    made.generate()
    return made


@pytest.fixture
def issued(world: contracts.World) -> IssuedCertificate:
    return IssuedCertificate.objects.get(profile="contract")


def revoke(
    actor: Actor, *rows: IssuedCertificate, reason: RevocationReason = COMPROMISED
) -> list[IssuedCertificate]:
    fingerprints = [bytes(row.fingerprint or b"") for row in rows]
    return services.revoke_by_fingerprint(actor=actor, fingerprints=fingerprints, reason=reason)


def refused(
    actor: Actor, *rows: IssuedCertificate, reason: RevocationReason = COMPROMISED
) -> DomainError:
    before = IssuedCertificate.objects.filter(state="issued").count()
    with pytest.raises(DomainError) as error:
        revoke(actor, *rows, reason=reason)
    assert IssuedCertificate.objects.filter(state="issued").count() == before
    return error.value


def test_the_owner_revokes_its_certificate_and_the_pools_follow(
    world: contracts.World, issued: IssuedCertificate
) -> None:
    assert revoke(world.mo.actor, issued) == [issued]
    issued.refresh_from_db()
    assert (issued.state, issued.reason) == ("revoked", "keyCompromise")
    assert not Contract.objects.running().exists()
    event = AuditEvent.objects.get(action="pki.revoke")
    assert (event.actor_id, event.reason) == (world.mo.actor.identifier, "keyCompromise")


def test_the_operator_revokes_what_is_anybodys(issued: IssuedCertificate) -> None:
    assert revoke(trust.operator_person(Right.EDITOR), issued) == [issued]


def test_asking_again_changes_nothing(world: contracts.World, issued: IssuedCertificate) -> None:
    revoke(world.mo.actor, issued)
    again = revoke(world.mo.actor, issued, reason=RevocationReason.SUPERSEDED)
    assert again == []
    issued.refresh_from_db()
    assert issued.reason == "keyCompromise"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_others_revoke_nothing_of_it(issued: IssuedCertificate, role: Role) -> None:
    stranger = parties.actor(organization=parties.organization(roles=[role]))
    error = refused(stranger, issued)
    assert isinstance(error, Forbidden)
    assert error.code == "foreign_organization"


def test_a_viewer_revokes_nothing(world: contracts.World, issued: IssuedCertificate) -> None:
    viewer = parties.person(organization=world.mo.organization, right=Right.VIEWER)
    assert refused(viewer, issued).code == "right"


def test_what_has_no_owner_is_the_operators(world: contracts.World) -> None:
    signer = IssuedCertificate.objects.get(fingerprint=bytes(world.signer.fingerprint))
    authority = IssuedCertificate.objects.get(profile="MO Sub2")
    for row in (signer, authority):
        assert isinstance(refused(world.mo.actor, row), Forbidden)
        assert revoke(trust.operator_person(), row) == [row]


def test_a_foreign_one_among_own_ones_refuses_all(
    world: contracts.World, issued: IssuedCertificate
) -> None:
    other = contracts.mo()
    world.generate(actor=other.actor, emaid=other.emaid())
    theirs = IssuedCertificate.objects.filter(profile="contract").latest("pk")
    assert isinstance(refused(world.mo.actor, issued, theirs), Forbidden)


def test_what_we_did_not_issue_is_not_found(
    world: contracts.World, issued: IssuedCertificate
) -> None:
    own = bytes(issued.fingerprint or b"")
    with pytest.raises(NotFound):
        services.revoke_by_fingerprint(
            actor=world.mo.actor, fingerprints=[own, bytes(32)], reason=COMPROMISED
        )
    issued.refresh_from_db()
    assert issued.state == "issued"


def test_a_ca_compromise_is_only_of_a_ca(issued: IssuedCertificate) -> None:
    operator = trust.operator_person()
    reason = RevocationReason.CA_COMPROMISE
    assert refused(operator, issued, reason=reason).code == "reason"
    authority = IssuedCertificate.objects.get(profile="MO Sub2")
    assert revoke(operator, authority, reason=reason) == [authority]


def test_a_batch_is_bounded() -> None:
    with pytest.raises(Invalid):
        services.revoke_by_fingerprint(
            actor=trust.operator_person(), fingerprints=[bytes(32)] * 501, reason=COMPROMISED
        )
