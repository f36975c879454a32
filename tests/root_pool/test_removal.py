"""Roots leave by two persons; the pools follow, but are not emptied by surprise."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right
from apps.core.errors import Conflict, Forbidden
from apps.events.models import OutboxEvent
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import dependants, selectors, services, signals
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

State = RootCertificate.State


@pytest.fixture
def root() -> RootCertificate:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    return trust.trusted_root(der=holder.der, root_type=RootCertificate.Type.OEM)


@pytest.fixture
def asker() -> Actor:
    return trust.operator_person(Right.EDITOR)


@pytest.fixture
def told() -> Iterator[list[list[int]]]:
    received: list[list[int]] = []

    def receive(*, roots: list[int], **_: Any) -> None:
        received.append(roots)

    signals.removed.connect(receive)
    yield received
    signals.removed.disconnect(receive)


def test_a_root_stays_an_anchor_until_another_person_confirms(
    root: RootCertificate, asker: Actor, told: list[list[int]]
) -> None:
    services.ask_removal(actor=asker, root=root)
    assert root.certificate in selectors.anchors()
    assert told == []
    services.confirm_removal(actor=trust.operator_person(), root=root)
    assert root.state == State.REMOVED
    assert root.certificate not in selectors.anchors()
    assert told == [[root.pk]]
    kinds = OutboxEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["root.cert.added", "root.cert.revoked"]


def test_who_asked_cannot_confirm(root: RootCertificate, asker: Actor) -> None:
    services.ask_removal(actor=asker, root=root)
    with pytest.raises(Forbidden) as refused:
        services.confirm_removal(actor=asker, root=root)
    assert refused.value.code == "same_person"


def test_only_a_person_of_the_operator_confirms_a_removal(
    root: RootCertificate, asker: Actor
) -> None:
    services.ask_removal(actor=asker, root=root)
    client = parties.actor(organization=trust.operator())
    viewer = trust.operator_person(Right.VIEWER)
    for actor in (client, viewer):
        with pytest.raises(Forbidden):
            services.confirm_removal(actor=actor, root=root)
    root.refresh_from_db()
    assert root.state == State.REMOVAL_ASKED


def test_a_removal_nobody_asked_for_is_not_confirmed(root: RootCertificate) -> None:
    with pytest.raises(Conflict):
        services.confirm_removal(actor=trust.operator_person(), root=root)
    assert root.certificate in selectors.anchors()


def test_a_refused_removal_keeps_the_root_and_may_be_asked_for_again(
    root: RootCertificate, asker: Actor
) -> None:
    services.ask_removal(actor=asker, root=root)
    services.refuse_removal(actor=trust.operator_person(), root=root)
    assert (root.state, root.removal_asked_by) == (State.TRUSTED, "")
    services.ask_removal(actor=asker, root=root)
    assert RootCertificate.objects.get(pk=root.pk).state == State.REMOVAL_ASKED


def test_a_removal_asked_for_anew_is_not_confirmed_by_who_asked_with_an_old_view(
    root: RootCertificate, asker: Actor
) -> None:
    services.ask_removal(actor=trust.operator_person(), root=root)
    old_view = RootCertificate.objects.get(pk=root.pk)
    services.refuse_removal(actor=trust.operator_person(), root=root)
    services.ask_removal(actor=asker, root=root)
    with pytest.raises(Conflict):
        services.confirm_removal(actor=asker, root=old_view)
    assert root.certificate in selectors.anchors()


def test_asking_twice_keeps_the_first_asker(root: RootCertificate, asker: Actor) -> None:
    services.ask_removal(actor=asker, root=root)
    first = root.removal_asked_by
    services.ask_removal(actor=trust.operator_person(), root=root)
    root.refresh_from_db()
    assert root.removal_asked_by == first


def test_the_confirming_person_sees_what_hangs_on_the_root_and_the_audit_keeps_it() -> None:
    oem = trust.oem_pki()
    decoy = trust.published_vehicle(pcid_text=trust.pcid("WDD"))
    vehicle = trust.published_vehicle(oem=oem)
    trust.published_vehicle(oem=oem, owner=vehicle.owner)
    assert dependants.count(oem.root_row)["vehicles"] == 2
    services.ask_removal(actor=trust.operator_person(), root=oem.root_row)
    services.confirm_removal(actor=trust.operator_person(), root=oem.root_row)
    event = AuditEvent.objects.get(action="root_pool.remove")
    assert event.detail["dependants"]["vehicles"] == 2
    # Nothing left the pool: a removed root blocks new data and reads.
    assert ProvisioningCertificate.objects.filter(root=oem.root_row).count() == 2
    assert decoy.row.root != oem.root_row


def test_a_removed_root_may_come_back_as_a_new_row(root: RootCertificate, asker: Actor) -> None:
    services.ask_removal(actor=asker, root=root)
    services.confirm_removal(actor=trust.operator_person(), root=root)
    again = trust.trusted_root(der=bytes(root.der), root_type=RootCertificate.Type.OEM)
    assert again.pk != root.pk
    assert again.certificate in selectors.anchors()
