"""People in organisations: who is a member, with which right, and what that opens."""

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.audit.models import AuditEvent
from apps.core.actor import ActorKind, Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.participants import membership, selectors, services
from apps.participants.models import User
from tests.factories import parties

pytestmark = pytest.mark.django_db


def test_a_member_acts_with_the_roles_of_the_organisation_and_an_own_right() -> None:
    oem = parties.organization(wmis=["WVW"])
    user = parties.member(organization=oem, right=Right.VIEWER, name="Ann")
    actor = selectors.actor_of_member(user=user, organization=oem)
    assert actor.kind is ActorKind.PERSON
    assert actor.identifier == str(user.pk)
    assert actor.label == "Ann"
    assert actor.roles == {Role.OEM}
    assert actor.wmis == {"WVW"}
    assert actor.right is Right.VIEWER


def test_strangers_anonymous_and_inactive_people_are_no_members() -> None:
    oem = parties.organization()
    other = parties.organization()
    member = parties.member(organization=oem)
    inactive = parties.member(organization=oem)
    inactive.is_active = False
    inactive.save()
    unsaved = User(email="x@example.test")
    assert set(selectors.organizations_of(member)) == {oem}
    for nobody in (AnonymousUser(), inactive, unsaved):
        assert not selectors.organizations_of(nobody).exists()
        with pytest.raises(Forbidden):
            selectors.actor_of_member(user=nobody, organization=oem)
    with pytest.raises(Forbidden):
        selectors.actor_of_member(user=member, organization=other)


def test_a_superuser_flag_opens_nothing() -> None:
    oem = parties.organization()
    user = parties.member(organization=parties.organization())
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    user.refresh_from_db()
    assert oem not in set(selectors.organizations_of(user))
    assert membership.right_of(user, oem) is None


def test_members_of_a_suspended_organisation_are_locked_out() -> None:
    oem = parties.organization()
    user = parties.member(organization=oem)
    services.set_active(actor=parties.SYSTEM, organization=oem, active=False)
    assert not selectors.organizations_of(user).exists()
    with pytest.raises(Forbidden):
        selectors.actor_of_member(user=user, organization=oem)


def test_a_person_may_belong_to_two_organisations_with_different_rights() -> None:
    one, two = parties.organization(), parties.organization()
    user = parties.member(organization=one, right=Right.ADMIN, email="Ann@Example.test")
    again = parties.member(organization=two, right=Right.VIEWER, email="ann@example.test")
    assert again == user
    assert membership.right_of(user, one) is Right.ADMIN
    assert membership.right_of(user, two) is Right.VIEWER


def test_a_new_right_replaces_the_old_one() -> None:
    oem = parties.organization()
    parties.member(organization=oem, right=Right.ADMIN)
    user = parties.member(organization=oem, right=Right.ADMIN)
    services.set_member_right(actor=parties.SYSTEM, organization=oem, user=user, right=Right.VIEWER)
    assert membership.right_of(user, oem) is Right.VIEWER
    services.remove_member(actor=parties.SYSTEM, organization=oem, user=user)
    assert membership.right_of(user, oem) is None
    actions = AuditEvent.objects.filter(target_type="user", target_id=str(user.pk))
    assert [event.action for event in actions.order_by("id")] == [
        "participants.create_member",
        "participants.set_member_right",
        "participants.remove_member",
    ]


def test_the_last_administrator_stays() -> None:
    oem = parties.organization()
    admin = parties.member(organization=oem, right=Right.ADMIN)
    parties.member(organization=oem, right=Right.EDITOR)
    with pytest.raises(Conflict) as refused:
        services.remove_member(actor=parties.SYSTEM, organization=oem, user=admin)
    assert refused.value.code == "last_admin"
    with pytest.raises(Conflict):
        services.set_member_right(
            actor=parties.SYSTEM, organization=oem, user=admin, right=Right.EDITOR
        )
    assert membership.right_of(admin, oem) is Right.ADMIN


def test_a_member_is_added_once_and_needs_an_address() -> None:
    oem = parties.organization()
    user = parties.member(organization=oem)
    with pytest.raises(Conflict):
        parties.member(organization=oem, email=user.email)
    with pytest.raises(Invalid):
        parties.member(organization=oem, email="no address")


def test_who_may_manage_members() -> None:
    oem, other = parties.organization(), parties.organization()
    operator = parties.organization(roles=[Role.OPERATOR])
    admin = parties.person(organization=oem, right=Right.ADMIN)
    allowed = [admin, parties.person(organization=operator, right=Right.ADMIN)]
    refused = [
        parties.person(organization=oem, right=Right.EDITOR),
        parties.person(organization=other, right=Right.ADMIN),
        parties.actor(organization=oem),
    ]
    for number, actor in enumerate(allowed):
        services.create_member(
            actor=actor, organization=oem, email=f"a{number}@example.test", right=Right.VIEWER
        )
    for actor in refused:
        with pytest.raises(Forbidden):
            services.create_member(
                actor=actor, organization=oem, email="b@example.test", right=Right.VIEWER
            )
    assert not User.objects.filter(email="b@example.test").exists()


def test_a_person_without_a_password_cannot_log_in() -> None:
    user = parties.member(organization=parties.organization())
    assert not user.has_usable_password()
