"""Two persons at once: one wins, and everything happens once."""

from collections.abc import Callable

import pytest

from apps.audit.models import AuditEvent
from apps.events.models import OutboxEvent
from apps.root_pool import services
from apps.root_pool.models import RootCertificate
from tests.factories import pki, trust
from tests.factories.races import outcomes
from v2g.pki.profiles import Branch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

AT_ONCE = 6


def test_of_many_persons_that_confirm_at_once_one_does() -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    root = services.submit(
        actor=trust.operator_person(), der=holder.der, root_type=RootCertificate.Type.OEM
    )
    typed = holder.certificate.fingerprint.hex()
    persons = [trust.operator_person() for _ in range(AT_ONCE)]

    def confirming(number: int) -> Callable[[], object]:
        own_copy = RootCertificate.objects.get(pk=root.pk)
        return lambda: services.confirm(actor=persons[number], root=own_copy, fingerprint=typed)

    ended = outcomes([confirming(number) for number in range(AT_ONCE)])
    assert ended == {"done": 1, "root_not_waiting": AT_ONCE - 1}
    assert OutboxEvent.objects.filter(kind="root.cert.added").count() == 1
    assert AuditEvent.objects.filter(action="root_pool.confirm").count() == 1


def test_of_many_that_submit_the_same_root_at_once_each_gets_the_one_row() -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    person = trust.operator_person()
    ended = outcomes(
        [lambda: services.submit(actor=person, der=holder.der, root_type=RootCertificate.Type.OEM)]
        * AT_ONCE
    )
    assert ended == {"done": AT_ONCE}
    assert RootCertificate.objects.count() == 1
    assert AuditEvent.objects.filter(action="root_pool.submit").count() == 1
