"""Anchors in the process, and who sees which roots."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.actor import Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid, NotFound
from apps.pki.status import Source
from apps.root_pool import generation, selectors, services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from v2g.pki.profiles import Branch

pytestmark = pytest.mark.django_db

State = RootCertificate.State
Type = RootCertificate.Type
Order = RootCertificate.StatusOrder


@pytest.fixture
def every_state() -> dict[str, RootCertificate]:
    """One root in each state."""
    found = {}
    for state in State.values:
        holder = pki.make_root(Branch.OEM, at=trust.now(), salt=state)
        actor = trust.operator_person()
        root = services.submit(actor=actor, der=holder.der, root_type=Type.OEM)
        if state == State.REJECTED:
            services.reject(actor=actor, root=root)
        elif state != State.SUBMITTED:
            services.confirm(
                actor=trust.operator_person(),
                root=root,
                fingerprint=holder.certificate.fingerprint.hex(),
            )
        if state in (State.REMOVAL_ASKED, State.REMOVED):
            services.ask_removal(actor=actor, root=root)
        if state == State.REMOVED:
            services.confirm_removal(actor=trust.operator_person(), root=root)
        if state == State.EXPIRED:
            services.expire(actor=actor, pks=[root.pk], at=root.not_after + timedelta(seconds=1))
            root.refresh_from_db()
        assert root.state == state
        found[state] = root
    return found


def test_anchors_are_the_trusted_roots_and_those_whose_removal_waits(
    every_state: dict[str, RootCertificate],
) -> None:
    anchored = {
        state for state, row in every_state.items() if row.certificate in selectors.anchors()
    }
    assert anchored == {State.TRUSTED, State.REMOVAL_ASKED}
    assert set(RootCertificate.objects.waiting()) == {
        every_state[State.SUBMITTED],
        every_state[State.REMOVAL_ASKED],
    }


def test_parties_list_trusted_roots_of_a_type_and_the_operator_sees_every_state(
    every_state: dict[str, RootCertificate],
) -> None:
    v2g = trust.trusted_root(der=pki.make_root(Branch.V2G, at=trust.now()).der, root_type=Type.V2G)
    viewer = parties.actor(organization=parties.organization(roles=[Role.CPO]))
    trusted = [every_state[State.TRUSTED], every_state[State.REMOVAL_ASKED]]
    assert list(selectors.list_trusted(viewer)) == [*trusted, v2g]
    assert list(selectors.list_trusted(viewer, Type.OEM)) == trusted
    assert list(selectors.list_trusted(viewer, Type.MO)) == []
    assert set(selectors.visible(viewer)) == {*trusted, v2g}
    operator = trust.operator_person(Right.VIEWER)
    assert set(selectors.visible(operator)) == {*every_state.values(), v2g}


def test_a_root_is_found_by_uuid_and_by_fingerprint_in_any_spelling(
    every_state: dict[str, RootCertificate],
) -> None:
    viewer = parties.actor(organization=parties.organization(roles=[Role.MO]))
    root = every_state[State.TRUSTED]
    digest = bytes(root.fingerprint)
    for name in (str(root.uuid), digest.hex(), digest.hex(":").upper()):
        assert selectors.get(viewer, name) == root
    hidden = [every_state[state] for state in (State.SUBMITTED, State.REJECTED, State.REMOVED)]
    unknown = ["", "x", "\x00", "00" * 32, *(str(row.uuid) for row in hidden)]
    for name in unknown:
        with pytest.raises(NotFound, match="Root certificate with the given ID is not found"):
            selectors.get(viewer, name)


def test_who_has_no_role_reads_nothing() -> None:
    nobody = parties.bare_actor(roles=[])
    with pytest.raises(Forbidden):
        selectors.list_trusted(nobody)
    with pytest.raises(Forbidden):
        selectors.get(nobody, "x")


def test_anchors_are_read_once_until_they_change() -> None:
    first = trust.trusted_root(
        der=pki.make_root(Branch.OEM, at=trust.now()).der, root_type=Type.OEM
    )
    before = selectors.anchors()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert selectors.anchors() is before
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert selectors.anchors(known_generation=generation.current()) is before
    assert len(queries) == 1
    second = trust.trusted_root(der=pki.make_root(Branch.MO, at=trust.now()).der, root_type=Type.MO)
    after = selectors.anchors()
    assert first.certificate in after
    assert second.certificate in after
    assert second.certificate not in before


def test_the_generation_comes_along_with_another_query() -> None:
    root = trust.trusted_root(der=pki.make_root(Branch.OEM, at=trust.now()).der, root_type=Type.OEM)
    rows = RootCertificate.objects.annotate(number=selectors.generation_now())
    number = rows.values_list("number", flat=True).get(pk=root.pk)
    assert number == generation.current()
    with CaptureQueriesContext(connection) as queries:
        found = selectors.trusted(bytes(root.fingerprint), known_generation=number)
        again = selectors.trusted_by_pk(root.pk, known_generation=number)
    assert found is again
    assert found
    assert found.pk == root.pk
    assert len(queries) <= 1


def test_the_generation_changes_only_inside_a_transaction(
    transactional_db: None,
) -> None:
    with pytest.raises(RuntimeError):
        generation.change()


def test_the_status_policy_of_a_root_reaches_the_path_checks() -> None:
    root = trust.trusted_root(der=pki.make_root(Branch.OEM, at=trust.now()).der, root_type=Type.OEM)
    found = selectors.trusted(bytes(root.fingerprint))
    assert found
    assert found.policy.order == (Source.CRL, Source.OCSP)
    assert (found.policy.optional, found.policy.max_age) == (False, timedelta(days=7))
    services.set_status_policy(
        actor=trust.operator_person(Right.EDITOR),
        root=root,
        order=Order.OCSP_FIRST,
        optional=True,
        max_age_days=3,
    )
    changed = selectors.trusted(bytes(root.fingerprint))
    assert changed
    assert changed.policy.order == (Source.OCSP, Source.CRL)
    assert (changed.policy.optional, changed.policy.max_age) == (True, timedelta(days=3))


@pytest.mark.parametrize("days", [0, 32])
def test_a_status_policy_is_bounded(days: int) -> None:
    root = trust.trusted_root(der=pki.make_root(Branch.OEM, at=trust.now()).der, root_type=Type.OEM)
    with pytest.raises(Invalid):
        services.set_status_policy(
            actor=trust.operator_person(),
            root=root,
            order=Order.CRL_FIRST,
            optional=False,
            max_age_days=days,
        )


def test_a_status_policy_is_set_by_people_of_the_operator_on_trusted_roots() -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    root = services.submit(actor=trust.operator_person(), der=holder.der, root_type=Type.OEM)

    def set_by(actor: object) -> None:
        services.set_status_policy(
            actor=actor,  # type: ignore[arg-type]  # actors of several makers
            root=root,
            order=Order.CRL_FIRST,
            optional=True,
            max_age_days=7,
        )

    with pytest.raises(Forbidden):
        set_by(parties.actor(organization=trust.operator()))
    with pytest.raises(Conflict):
        set_by(trust.operator_person())
