"""API clients: their secrets, their roles, and who may make them."""

import json
import logging

import pytest

from apps.audit.models import AuditEvent
from apps.core.actor import ActorKind, Right, Role
from apps.core.errors import Forbidden, Invalid
from apps.participants import selectors, services
from apps.participants.hashers import LongSecretHasher
from apps.participants.models import ApiClient
from tests.factories import parties

pytestmark = pytest.mark.django_db


def test_a_secret_is_long_random_and_kept_only_hashed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    oem = parties.organization()
    made, secret = parties.client(organization=oem)
    other, another = parties.client(organization=oem, name="Other")
    made.refresh_from_db()
    assert len(secret) >= 43
    assert secret != another
    assert made.client_secret.startswith("sha256_long$")
    assert made.client_secret != other.client_secret
    assert LongSecretHasher().verify(secret, made.client_secret)
    assert not LongSecretHasher().verify(another, made.client_secret)
    everything = json.dumps(list(AuditEvent.objects.values()), default=str) + caplog.text
    assert secret not in everything
    assert made.client_secret not in everything


def test_saving_a_client_again_does_not_hash_its_hash() -> None:
    made, secret = parties.client(organization=parties.organization())
    again = ApiClient.objects.get(pk=made.pk)
    again.save()
    again.refresh_from_db()
    assert LongSecretHasher().verify(secret, again.client_secret)


def test_a_client_acts_with_its_roles_that_its_organisation_still_has() -> None:
    both = parties.organization(roles=[Role.OEM, Role.MO], wmis=["WVW"], own_pki=True)
    made, _ = parties.client(organization=both, roles=[Role.MO])
    actor = selectors.actor_of_client(made.client_id)
    assert actor.kind is ActorKind.CLIENT
    assert actor.roles == {Role.MO}
    assert actor.own_pki
    assert actor.right is Right.EDITOR
    services.remove_role(actor=parties.SYSTEM, organization=both, role=Role.MO)
    assert selectors.actor_of_client(made.client_id).roles == frozenset()


def test_a_client_gets_no_role_that_its_organisation_lacks() -> None:
    oem = parties.organization(roles=[Role.OEM])
    for roles in ([Role.OPERATOR], [Role.OEM, Role.MO], []):
        with pytest.raises(Invalid):
            parties.client(organization=oem, roles=roles)
    made, _ = parties.client(organization=oem)
    with pytest.raises(Invalid):
        services.set_client_roles(actor=parties.SYSTEM, client=made, roles=[Role.CPS])


def test_unknown_and_disabled_clients_have_no_actor() -> None:
    made, _ = parties.client(organization=parties.organization())
    services.set_client_enabled(actor=parties.SYSTEM, client=made, enabled=False)
    for client_id in (made.client_id, "nobody", ""):
        with pytest.raises(Forbidden) as refused:
            selectors.actor_of_client(client_id)
        assert refused.value.code == "client_disabled"


def test_who_may_manage_clients() -> None:
    oem, other = parties.organization(), parties.organization()
    made, _ = parties.client(organization=oem)
    own_admin = parties.person(organization=oem, right=Right.ADMIN)
    services.set_client_enabled(actor=own_admin, client=made, enabled=False)
    for actor in (
        parties.person(organization=oem, right=Right.EDITOR),
        parties.person(organization=other, right=Right.ADMIN),
        parties.actor(organization=oem),
    ):
        with pytest.raises(Forbidden):
            services.set_client_enabled(actor=actor, client=made, enabled=True)
        with pytest.raises(Forbidden):
            services.replace_secret(actor=actor, client=made)
        with pytest.raises(Forbidden):
            services.create_client(actor=actor, organization=oem, name="Mine")
    made.refresh_from_db()
    assert not made.enabled


def test_who_sees_which_clients() -> None:
    oem, mo = parties.organization(), parties.organization(roles=[Role.MO])
    operator = parties.organization(roles=[Role.OPERATOR])
    of_oem, _ = parties.client(organization=oem)
    of_mo, _ = parties.client(organization=mo)
    person = parties.person(organization=oem)
    assert set(selectors.visible_clients(viewer=person)) == {of_oem}
    watching = parties.person(organization=operator)
    assert set(selectors.visible_clients(viewer=watching)) == {of_oem, of_mo}
