"""The outbox: events are written with their change and seen by those they are for."""

import pytest
from django.db import transaction

from apps.core.actor import Role
from apps.events import selectors, services
from apps.events.models import EventKind, OutboxEvent
from apps.participants.models import Organization
from tests.factories import parties

pytestmark = pytest.mark.django_db

# OPCP's names, written down a second time: a renamed kind would reach nobody.
NAMES = """
root.cert.added root.cert.expired root.cert.revoked
mo.prov.cert.deleted mo.prov.cert.updated mo.prov.cert.factory.reset
mo.contract.created.sent.to.oem mo.contract.updated.sent.to.oem mo.contract.deleted.sent.to.oem
mo.contract.delivered.to.oem mo.contract.rejected.by.oem mo.contract.queued.to.oem
oem.contract.created oem.contract.updated oem.contract.deleted
"""
OURS = {"mo.contract.renewal.due", "certificate.expiring"}
"""What OPCP has no event for; described in docs/webhooks.md."""


def test_the_kinds_have_opcps_names_and_two_are_ours() -> None:
    assert set(EventKind.values) == set(NAMES.split()) | OURS


def test_an_event_is_written_for_its_organisation_and_lane() -> None:
    oem = parties.organization()
    services.emit(
        kind=EventKind.OEM_CONTRACT_CREATED,
        organization=oem,
        lane="WVW12345678901234",
        payload={"pcid": "WVW12345678901234"},
    )
    event = OutboxEvent.objects.get()
    assert (event.kind, event.organization, event.lane) == (
        "oem.contract.created",
        oem,
        "WVW12345678901234",
    )
    assert event.payload == {"pcid": "WVW12345678901234"}


def test_root_events_are_for_all_and_others_for_one() -> None:
    services.emit(kind=EventKind.ROOT_ADDED, payload={})
    with pytest.raises(ValueError, match="addressed"):
        services.emit(kind=EventKind.OEM_CONTRACT_CREATED, payload={})
    with pytest.raises(ValueError, match="addressed"):
        services.emit(kind=EventKind.ROOT_REVOKED, payload={}, organization=parties.organization())
    assert [event.kind for event in OutboxEvent.objects.all()] == ["root.cert.added"]


def test_a_batch_keeps_its_order() -> None:
    oem = parties.organization()
    messages = [
        services.Message(
            kind=EventKind.OEM_CONTRACT_DELETED, organization_id=oem.pk, payload={"n": number}
        )
        for number in range(5)
    ]
    services.emit_many(messages=messages)
    ordered = OutboxEvent.objects.order_by("id")
    assert [event.payload["n"] for event in ordered] == [0, 1, 2, 3, 4]


def test_who_sees_which_events() -> None:
    oem, mo = parties.organization(), parties.organization(roles=[Role.MO])
    operator = parties.organization(roles=[Role.OPERATOR])
    root = services.emit(kind=EventKind.ROOT_ADDED, payload={})
    of_oem = services.emit(kind=EventKind.OEM_CONTRACT_CREATED, organization=oem, payload={})
    of_mo = services.emit(kind=EventKind.MO_PROV_CERT_DELETED, organization=mo, payload={})

    def seen_by(organization: Organization) -> set[OutboxEvent]:
        viewer = parties.actor(organization=organization)
        return set(selectors.visible(viewer=viewer))

    assert seen_by(oem) == {root, of_oem}
    assert seen_by(mo) == {root, of_mo}
    assert seen_by(operator) == {root, of_oem, of_mo}


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_defect_and_goes_with_a_rollback() -> None:
    with pytest.raises(RuntimeError):
        services.emit(kind=EventKind.ROOT_ADDED, payload={})
    with transaction.atomic():
        services.emit(kind=EventKind.ROOT_ADDED, payload={})
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()
