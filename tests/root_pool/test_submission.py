"""Roots come in by two persons."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.events.models import OutboxEvent
from apps.root_pool import selectors, services
from apps.root_pool.models import RootCertificate
from tests.factories import parties, pki, trust
from v2g.pki.profiles import OEM_LEAF, OEM_ROOT, OEM_SUB1, Branch
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

State = RootCertificate.State
Type = RootCertificate.Type


@pytest.fixture
def holder() -> pki.Holder:
    return pki.make_root(Branch.OEM, at=trust.now())


@pytest.fixture
def submitter() -> Actor:
    return trust.operator_person(Right.EDITOR)


@pytest.fixture
def waiting(holder: pki.Holder, submitter: Actor) -> RootCertificate:
    return services.submit(actor=submitter, der=holder.der, root_type=Type.OEM)


def test_a_submitted_root_is_no_anchor_yet(waiting: RootCertificate, holder: pki.Holder) -> None:
    assert waiting.state == State.SUBMITTED
    assert holder.certificate not in selectors.anchors()
    assert not OutboxEvent.objects.exists()
    assert AuditEvent.objects.get(action="root_pool.submit").target_id == str(waiting.uuid)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda digest: digest.hex(),
        lambda digest: digest.hex().upper(),
        lambda digest: digest.hex(":").upper(),
        lambda digest: f"  {digest.hex(' ', 4)}\n",
    ],
)
def test_another_person_confirms_with_the_fingerprint(
    waiting: RootCertificate, holder: pki.Holder, spelled: Callable[[bytes], str]
) -> None:
    typed = spelled(holder.certificate.fingerprint)
    root = services.confirm(actor=trust.operator_person(), root=waiting, fingerprint=typed)
    assert root.state == State.TRUSTED
    assert holder.certificate in selectors.anchors()
    event = OutboxEvent.objects.get()
    assert (event.kind, event.organization) == ("root.cert.added", None)
    assert event.payload["fingerprintSHA256"] == holder.certificate.fingerprint.hex()
    assert AuditEvent.objects.filter(action="root_pool.confirm").count() == 1


def test_who_submitted_cannot_confirm(
    waiting: RootCertificate, holder: pki.Holder, submitter: Actor
) -> None:
    with pytest.raises(Forbidden) as refused:
        services.confirm(
            actor=submitter, root=waiting, fingerprint=holder.certificate.fingerprint.hex()
        )
    assert refused.value.code == "same_person"
    assert holder.certificate not in selectors.anchors()


def test_only_a_person_of_the_operator_who_may_write_confirms(
    waiting: RootCertificate, holder: pki.Holder
) -> None:
    outsider = parties.organization(roles=[Role.OEM])
    refusals = {
        "people_only": parties.actor(organization=trust.operator()),
        "right": trust.operator_person(Right.VIEWER),
        "role": parties.person(organization=outsider, right=Right.ADMIN),
    }
    for code, actor in refusals.items():
        with pytest.raises(Forbidden) as refused:
            services.confirm(
                actor=actor, root=waiting, fingerprint=holder.certificate.fingerprint.hex()
            )
        assert refused.value.code == code
    waiting.refresh_from_db()
    assert waiting.state == State.SUBMITTED


def test_what_a_client_submitted_any_person_of_the_operator_confirms(holder: pki.Holder) -> None:
    client = parties.actor(organization=trust.operator())
    root = services.submit(actor=client, der=holder.der, root_type=Type.OEM)
    person = trust.operator_person(Right.EDITOR)
    services.confirm(actor=person, root=root, fingerprint=holder.certificate.fingerprint.hex())
    assert holder.certificate in selectors.anchors()


def test_a_client_and_a_person_of_the_same_number_are_not_the_same(holder: pki.Holder) -> None:
    person = trust.operator_person()
    client = replace(parties.actor(organization=trust.operator()), identifier=person.identifier)
    root = services.submit(actor=client, der=holder.der, root_type=Type.OEM)
    services.confirm(actor=person, root=root, fingerprint=holder.certificate.fingerprint.hex())
    assert RootCertificate.objects.get().state == State.TRUSTED


@pytest.mark.parametrize("typed", ["", "00" * 32, "zz" * 32, "é"])
def test_another_fingerprint_confirms_nothing(waiting: RootCertificate, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.confirm(actor=trust.operator_person(), root=waiting, fingerprint=typed)
    assert refused.value.code == "fingerprint_differs"


def test_a_root_is_confirmed_once(waiting: RootCertificate, holder: pki.Holder) -> None:
    typed = holder.certificate.fingerprint.hex()
    stale = RootCertificate.objects.get(pk=waiting.pk)
    services.confirm(actor=trust.operator_person(), root=waiting, fingerprint=typed)
    with pytest.raises(Conflict):
        services.confirm(actor=trust.operator_person(), root=stale, fingerprint=typed)
    with pytest.raises(Conflict):
        services.reject(actor=trust.operator_person(), root=stale)
    assert OutboxEvent.objects.count() == 1


def test_a_rejected_root_may_be_submitted_again(
    waiting: RootCertificate, holder: pki.Holder, submitter: Actor
) -> None:
    services.reject(actor=submitter, root=waiting)
    again = services.submit(actor=submitter, der=holder.der, root_type=Type.OEM)
    assert again.state == State.SUBMITTED


def test_a_root_that_is_there_is_not_taken_twice(
    waiting: RootCertificate, holder: pki.Holder, submitter: Actor
) -> None:
    with pytest.raises(Invalid) as refused:
        services.submit(actor=submitter, der=holder.der, root_type=Type.V2G)
    assert refused.value.code == "root_known"
    assert RootCertificate.objects.count() == 1


def test_a_root_that_expired_while_it_waited_is_not_trusted(
    waiting: RootCertificate, holder: pki.Holder
) -> None:
    actor = trust.operator_person()
    with (
        time_machine.travel(waiting.not_after + timedelta(seconds=1)),
        pytest.raises(Invalid) as refused,
    ):
        services.confirm(
            actor=actor, root=waiting, fingerprint=holder.certificate.fingerprint.hex()
        )
    assert refused.value.code == "expired"


def _bad_roots() -> dict[str, bytes]:
    at = trust.now()
    root, made = pki.make_root(Branch.OEM, at=at), pki.make_pki(Branch.OEM, at=at)
    key, other = root.key, pki.make_key("another")
    expired = pki.make_root(Branch.OEM, at=at - timedelta(days=365 * 35))
    leaf = pki.make_leaf(made)
    p384 = ec.generate_private_key(ec.SECP384R1())
    draft = pki.draft_like(root, OEM_ROOT)
    return {
        "malformed": b"no certificate",
        "root_not_self_signed": pki.forge(draft, None, other).der,
        "signer_not_a_ca": pki.forge(pki.draft_like(root, OEM_LEAF), None, key).der,
        "signer_lacks_cert_sign": pki.forge(
            pki.draft_like(root, replace(OEM_ROOT, key_usage=frozenset({"digitalSignature"}))),
            None,
            key,
        ).der,
        "expired": expired.der,
        "wrong_curve": pki.forge(
            pki.draft_like(pki.Holder(root.certificate, p384), OEM_ROOT), None, p384
        ).der,
        "hash_not_of_version": pki.forge(
            pki.draft_like(root, OEM_ROOT, version=IsoVersion.ISO_20), None, key
        ).der,
        "sub_ca": made.sub1.der,
        "leaf": leaf.der,
        "too long": b"\x30\x82\x20\x00" + b"\x00" * 8192,
    }


@pytest.mark.parametrize("case", sorted(_bad_roots()))
def test_what_is_no_usable_root_is_refused(case: str, submitter: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        services.submit(actor=submitter, der=_bad_roots()[case], root_type=Type.OEM)
    expected = {"sub_ca": "root_not_self_signed", "leaf": "root_not_self_signed"}
    assert refused.value.code == expected.get(case, "malformed" if " " in case else case)
    assert not RootCertificate.objects.exists()


@pytest.mark.parametrize("version", list(IsoVersion))
def test_roots_of_both_generations_are_taken(version: IsoVersion, submitter: Actor) -> None:
    holder = pki.make_root(Branch.MO, at=trust.now(), version=version)
    root = services.submit(actor=submitter, der=holder.der, root_type=Type.MO)
    assert (root.namespace, root.curve) == (version.namespace, version.curve.name)


def test_validity_until_the_end_of_time_survives(submitter: Actor) -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    ends = holder.certificate.not_after.replace(
        year=9999, month=12, day=31, hour=23, minute=59, second=59
    )
    begins = ends.replace(year=1970, month=1, day=1, hour=0, minute=0, second=0)
    draft = pki.draft_like(holder, OEM_ROOT, not_before=begins, not_after=ends, serial=3)
    der = pki.forge(draft, None, holder.key).der
    services.submit(actor=submitter, der=der, root_type=Type.OEM)
    root = RootCertificate.objects.get()
    assert (root.not_before, root.not_after, bytes(root.serial)) == (begins, ends, b"\x03")


@pytest.mark.parametrize("role", [Role.OEM, Role.MO, Role.CPO, Role.CPS])
def test_nobody_but_the_operator_submits(role: Role, holder: pki.Holder) -> None:
    actor = parties.actor(organization=parties.organization(roles=[role]))
    with pytest.raises(Forbidden):
        services.submit(actor=actor, der=holder.der, root_type=Type.OEM)
    assert not RootCertificate.objects.exists()


def test_a_pe_root_is_trusted_but_not_announced() -> None:
    holder = pki.make_root(Branch.V2G, at=trust.now())
    trust.trusted_root(der=holder.der, root_type=Type.PE)
    assert holder.certificate in selectors.anchors()
    assert not OutboxEvent.objects.exists()


def test_the_subject_of_a_root_is_stored_without_nul(submitter: Actor) -> None:
    holder = pki.make_root(Branch.OEM, at=trust.now())
    draft = pki.draft_like(holder, OEM_SUB1)
    subject = replace(draft.subject, common_name="Ro\x00ot")
    der = pki.forge(replace(draft, subject=subject), None, holder.key).der
    root = services.submit(actor=submitter, der=der, root_type=Type.OEM)
    assert root.common_name == "Root"
