"""GET and DELETE /v1/root/rootCerts/{id}."""

import uuid
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import Role
from apps.root_pool import selectors, services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

UNKNOWN = "Root certificate with the given ID is not found"


@pytest.fixture
def root() -> RootCertificate:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    return trust.trusted_root(der=holder.der, root_type=RootCertificate.Type.OEM)


@pytest.fixture
def operator() -> Caller:
    return Caller(trust.operator())


def path(identifier: object) -> str:
    return f"/v1/root/rootCerts/{identifier}"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_one_root_by_uuid_or_fingerprint(
    root: RootCertificate, role: Role
) -> None:
    caller = Caller(parties.organization(roles=[role]))
    digest = bytes(root.fingerprint)
    for identifier in (root.uuid, digest.hex(), digest.hex(":").upper()):
        answer = caller.get(path(identifier))
        assert answer.status_code == 200
        assert answer.json()["RootResponse"]["rootCertificateId"] == str(root.uuid)


@pytest.mark.parametrize("identifier", ["x", str(uuid.UUID(int=7)), "0" * 64, "..", "é"])
def test_an_unknown_root_is_404_with_opcps_text(
    root: RootCertificate, operator: Caller, identifier: str
) -> None:
    for answer in (operator.get(path(identifier)), operator.delete(path(identifier))):
        assert answer.status_code == 404
        assert messages(answer) == [UNKNOWN]


def test_a_root_that_waits_is_not_there_yet(operator: Caller) -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    waiting = services.submit(
        actor=trust.operator_person(), der=holder.der, root_type=RootCertificate.Type.OEM
    )
    assert operator.get(path(waiting.uuid)).status_code == 404
    assert operator.delete(path(waiting.uuid)).status_code == 404


def test_delete_asks_for_the_removal_and_the_root_stays(
    root: RootCertificate, operator: Caller
) -> None:
    for _ in range(2):
        answer = operator.delete(path(root.uuid))
        assert (answer.status_code, answer.json()) == (200, {"status": "pending"})
    assert root.certificate in selectors.anchors()
    assert RootCertificate.objects.get().state == "removal_asked"
    assert AuditEvent.objects.filter(action="root_pool.ask_removal").count() == 1


@pytest.mark.parametrize("role", [Role.OEM, Role.MO, Role.CPO, Role.CPS])
def test_other_roles_delete_nothing_and_the_refusal_is_recorded(
    root: RootCertificate, role: Role
) -> None:
    caller = Caller(parties.organization(roles=[role]))
    assert caller.delete(path(root.uuid)).status_code == 403
    assert RootCertificate.objects.get().state == "trusted"
    event = AuditEvent.objects.get(result="refused")
    assert (event.action, event.detail["code"]) == ("rcp.write", "role")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_other_methods_are_405(root: RootCertificate, operator: Caller, method: str) -> None:
    assert operator.call(method, path(root.uuid)).status_code == 405


def test_without_a_token_nothing_is_read_or_removed(root: RootCertificate, client: Any) -> None:
    assert client.get(path(root.uuid)).status_code == 401
    assert client.delete(path(root.uuid)).status_code == 401
    assert RootCertificate.objects.get().state == "trusted"
