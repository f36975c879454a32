"""EST label cps: the client asks, the operator decides, the client sends the same again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, Right, Role
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.keys.backends import BACKENDS
from apps.keys.models import StoredKey
from apps.pki import selectors, services
from apps.pki.models import EnrolmentRequest, IssuedCertificate, RevocationReason
from apps.pki.services.requests import LIFETIME, MAX_OPEN, REPEATED
from apps.pki.services.settlement import GRACE
from apps.pki.tasks import lapse_requests, settle_intents
from tests.factories import parties, pki, trust
from tests.factories.calls import forget_processes
from tests.factories.parties import bare_actor
from tests.factories.trust import Ecosystem, Purpose
from tests.pki.enrolment import Party, certificates_in, csr, party, refusal
from tests.pki.published import revoke
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.certificate import Certificate
from v2g.pki.chains import check_chain
from v2g.pki.profiles import CPS_LEAF
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

ENROL = "/.well-known/est/cps/simpleenroll"
RENEW = "/.well-known/est/cps/simplereenroll"
State = EnrolmentRequest.State


@pytest.fixture
def ecosystem() -> Ecosystem:
    return trust.v2g_ecosystem(purposes=[Purpose.CPS])


@pytest.fixture
def caller(ecosystem: Ecosystem) -> Party:
    return party(roles=[Role.CPS], name="Signing House")


def send(caller: Party, key: str = "first", path: str = ENROL, name: str = "anything") -> Any:
    """Post a request that is signed anew for the key of this name."""
    return caller.post(path, csr(name, key=pki.make_key(key)))


def waiting(answer: Any) -> None:
    assert answer.status_code == 202, answer.content
    assert int(answer["Retry-After"]) > 0
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert b"operator decides" in answer.content


def approve(caller: Party) -> EnrolmentRequest:
    """Approve the one request that waits."""
    row = EnrolmentRequest.objects.get(owner=caller.organization, state=State.PENDING)
    return services.approve_request(actor=trust.operator_person(), request=row)


def enrolled(caller: Party, key: str = "first", path: str = ENROL) -> Certificate:
    waiting(send(caller, key, path))
    approve(caller)
    return certificates_in(send(caller, key, path))[0]


def test_the_same_request_gets_the_certificate_once_a_person_approved_it(
    ecosystem: Ecosystem, caller: Party
) -> None:
    waiting(send(caller))
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    assert (row.state, row.owner) == (State.PENDING, caller.organization)
    assert not IssuedCertificate.objects.filter(owner=caller.organization).exists()
    approve(caller)
    (leaf,) = certificates_in(send(caller))
    assert leaf.common_name == "Signing House CPS"
    assert leaf.subject.values("O") == ("Signing House",)
    assert leaf.public_key == pki.make_key("first").public_key()
    check_chain(
        leaf,
        ecosystem.chain(Purpose.CPS),
        Anchors([Anchor(ecosystem.root.certificate, RootKind.V2G)]),
        profile=CPS_LEAF,
        version=IsoVersion.ISO_2,
        at=trust.now(),
    )
    row.refresh_from_db()
    assert row.certificate == IssuedCertificate.objects.get(fingerprint=leaf.fingerprint)
    events = AuditEvent.objects.filter(target_id=str(row.uuid)).order_by("pk")
    assert [event.action for event in events] == ["pki.ask_request", "pki.approve_request"]


def test_a_lost_answer_is_given_again_and_nothing_is_issued_twice(caller: Party) -> None:
    first = enrolled(caller)
    assert certificates_in(send(caller)) == [first]
    assert IssuedCertificate.objects.filter(owner=caller.organization).count() == 1
    with time_machine.travel(trust.now() + REPEATED + timedelta(minutes=1)):
        waiting(send(caller))


def test_another_key_is_another_request(caller: Party) -> None:
    enrolled(caller, "first")
    waiting(send(caller, "second"))


def test_a_refusal_is_told_with_its_reason_and_holds_for_the_key(caller: Party) -> None:
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    services.refuse_request(
        actor=trust.operator_person(), request=row, reason=" We do not know this key "
    )
    text = "The operator refused this request: We do not know this key"
    assert refusal(send(caller), 403) == text
    with time_machine.travel(trust.now() + LIFETIME * 3):
        lapse_requests()
        assert refusal(send(caller), 403) == text
    waiting(send(caller, "second"))


def test_without_a_reason_a_refusal_is_a_sentence(caller: Party) -> None:
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    services.refuse_request(actor=trust.operator_person(), request=row, reason="")
    assert refusal(send(caller), 403) == "The operator refused this request."


@pytest.mark.parametrize("reason", ["x" * 201, "two\nlines", "bell\x07"])
def test_a_reason_is_one_short_line(caller: Party, reason: str) -> None:
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    with pytest.raises(Invalid):
        services.refuse_request(actor=trust.operator_person(), request=row, reason=reason)
    row.refresh_from_db()
    assert row.state == State.PENDING


def _strangers(caller: Party) -> list[Actor]:
    """Everybody but a person of the operator who may edit."""
    others = [parties.organization(roles=[role]) for role in Role if role is not Role.OPERATOR]
    people = [parties.person(organization=one) for one in (caller.organization, *others)]
    viewer = parties.person(organization=trust.operator(), right=Right.VIEWER)
    return [*people, viewer, parties.actor(organization=trust.operator())]


def test_only_people_of_the_operator_decide(caller: Party) -> None:
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    for actor in _strangers(caller):
        with pytest.raises(Forbidden):
            services.approve_request(actor=actor, request=row)
        with pytest.raises(Forbidden):
            services.refuse_request(actor=actor, request=row, reason="")
    waiting(send(caller))


def test_of_two_decisions_the_first_counts(caller: Party) -> None:
    waiting(send(caller))
    row = EnrolmentRequest.objects.get()
    approve(caller)
    with pytest.raises(Conflict):
        services.refuse_request(actor=trust.operator_person(), request=row, reason="late")
    assert certificates_in(send(caller))


def test_the_requests_that_wait_are_bounded_for_each_organisation(caller: Party) -> None:
    for number in range(MAX_OPEN):
        waiting(send(caller, f"key {number}"))
    assert "wait already" in refusal(send(caller, "one more"), 429)
    waiting(send(caller, "key 0"))
    waiting(send(party(roles=[Role.CPS]), "one more"))
    assert EnrolmentRequest.objects.filter(owner=caller.organization).count() == MAX_OPEN


def test_what_nobody_decided_or_collected_lapses(caller: Party) -> None:
    waiting(send(caller, "never decided"))
    with time_machine.travel(trust.now() + LIFETIME - timedelta(minutes=1)):
        lapse_requests()
        assert EnrolmentRequest.objects.get().state == State.PENDING
    with time_machine.travel(trust.now() + LIFETIME + timedelta(minutes=1)):
        with pytest.raises(Conflict):
            approve(caller)
        lapse_requests()
        row = EnrolmentRequest.objects.get()
        assert row.state == State.LAPSED
        assert AuditEvent.objects.get(action="pki.lapse_request").target_id == str(row.uuid)
        waiting(send(caller, "never decided"))
        approve(caller)
    with time_machine.travel(trust.now() + LIFETIME * 2 + timedelta(minutes=2)):
        waiting(send(caller, "never decided"))


def test_a_request_on_another_curve_or_without_a_name_is_400_and_leaves_no_row(
    caller: Party,
) -> None:
    other = pki.make_key("P-521", IsoVersion.ISO_20)
    assert "secp256r1" in refusal(caller.post(ENROL, csr("CPS", key=other)), 400)
    assert "exactly one common name" in refusal(caller.post(ENROL, csr(None)), 400)
    assert not EnrolmentRequest.objects.exists()


def test_without_an_authority_nothing_is_asked_for(caller: Party) -> None:
    refusal(send(caller, path=f"{ENROL}/ISO15118-20"), 503)
    assert not EnrolmentRequest.objects.exists()


def test_the_request_of_somebody_else_with_the_same_key_is_another(caller: Party) -> None:
    enrolled(caller)
    waiting(send(party(roles=[Role.CPS], name="Key thief")))


def test_a_client_without_the_role_collects_nothing() -> None:
    trust.v2g_ecosystem(purposes=[Purpose.CPS])
    caller = party(roles=[Role.CPS, Role.MO])
    waiting(send(caller))
    approve(caller)
    client, secret = parties.client(organization=caller.organization, roles=[Role.MO])
    other = Party(caller.organization, client, secret)
    assert refusal(send(other), 403) == "Your roles do not include this operation."
    assert certificates_in(send(caller))


def test_a_revoked_key_is_not_certified_again(caller: Party) -> None:
    leaf = enrolled(caller)
    row = IssuedCertificate.objects.get(fingerprint=leaf.fingerprint)
    revoke(row, RevocationReason.SUPERSEDED)
    assert "was revoked" in refusal(send(caller), 403)
    with time_machine.travel(trust.now() + LIFETIME):
        assert "was revoked" in refusal(send(caller), 403)


def test_a_renewal_needs_a_good_certificate_and_an_approval_of_its_own(caller: Party) -> None:
    assert "Use simpleenroll" in refusal(send(caller, path=RENEW), 400)
    first = enrolled(caller)
    second = enrolled(caller, path=RENEW)
    assert second.serial != first.serial
    assert second.subject == first.subject
    assert EnrolmentRequest.objects.filter(is_renewal=True).count() == 1


def test_an_authority_that_fails_leaves_the_approval_for_the_next_try(
    ecosystem: Ecosystem, caller: Party
) -> None:
    waiting(send(caller))
    approve(caller)
    sub2 = ecosystem.sub2[Purpose.CPS]
    type(sub2).objects.filter(pk=sub2.pk).update(active=False)
    forget_processes()
    refusal(send(caller), 503)
    type(sub2).objects.filter(pk=sub2.pk).update(active=True)
    assert certificates_in(send(caller))


class CrashingBackend:
    """A key backend that dies while a CA signs, after another sender of the same request came."""

    def __init__(self, real: Any, meanwhile: Callable[[], None]) -> None:
        self._real, self._meanwhile = real, meanwhile

    def sign(self, stored: StoredKey, *args: Any, **kwargs: Any) -> Any:
        if not stored.label.startswith("CA "):
            return self._real.sign(stored, *args, **kwargs)
        self._meanwhile()
        raise KeyboardInterrupt

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_while_one_collects_another_waits_and_a_crash_frees_it_later(
    caller: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(send(caller))
    approve(caller)
    with monkeypatch.context() as patch:
        crashing = CrashingBackend(BACKENDS["vault"], lambda: waiting(send(caller)))
        patch.setitem(BACKENDS, "vault", crashing)
        with pytest.raises(KeyboardInterrupt):
            send(caller)
    waiting(send(caller))
    with time_machine.travel(trust.now() + GRACE + timedelta(seconds=2)):
        assert certificates_in(send(caller))
    good = IssuedCertificate.objects.filter(
        owner=caller.organization, state=IssuedCertificate.State.ISSUED
    )
    assert good.count() == 1


def owned(caller: Party) -> list[str]:
    """The states of the caller's certificates, in their order."""
    rows = IssuedCertificate.objects.filter(owner=caller.organization).order_by("pk")
    return list(rows.values_list("state", flat=True))


class DyingDatabase:
    """The process ends after the certificate was stored, before the request names it."""

    def __init__(self) -> None:
        self.is_stored = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.is_stored and sql.startswith("UPDATE") and "pki_enrolmentrequest" in sql:
            raise KeyboardInterrupt
        self.is_stored |= sql.startswith("UPDATE") and "pki_issuedcertificate" in sql
        return execute(sql, params, many, context)


def test_a_certificate_that_was_signed_but_not_named_is_revoked_and_another_one_issued(
    caller: Party,
) -> None:
    waiting(send(caller))
    approve(caller)
    with connection.execute_wrapper(DyingDatabase()), pytest.raises(KeyboardInterrupt):
        send(caller)
    assert owned(caller) == ["issued"]
    waiting(send(caller))
    with time_machine.travel(trust.now() + GRACE + timedelta(seconds=2)):
        settle_intents()
        assert owned(caller) == ["revoked"]
        leaf = certificates_in(send(caller))[0]
        settle_intents()
        assert owned(caller) == ["revoked", "issued"]
        assert certificates_in(send(caller))[0] == leaf
    named = EnrolmentRequest.objects.get().certificate
    assert named is not None
    assert named.fingerprint == leaf.fingerprint


def test_a_collected_certificate_is_kept(caller: Party) -> None:
    enrolled(caller)
    with time_machine.travel(trust.now() + GRACE + timedelta(seconds=2)):
        settle_intents()
    assert owned(caller) == ["issued"]


class OvertakenBackend(CrashingBackend):
    """A key backend that is so slow that the claim goes to another sender, who is done first."""

    def sign(self, stored: StoredKey, *args: Any, **kwargs: Any) -> Any:
        if stored.label.startswith("CA "):
            meanwhile, self._meanwhile = self._meanwhile, lambda: None
            meanwhile()
        return self._real.sign(stored, *args, **kwargs)


def test_whoever_was_overtaken_gets_the_certificate_of_the_other(
    caller: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(send(caller))
    approve(caller)
    got: list[Certificate] = []

    def overtake() -> None:
        with time_machine.travel(trust.now() + GRACE + timedelta(seconds=2)):
            got.extend(certificates_in(send(caller)))

    with monkeypatch.context() as patch:
        patch.setitem(BACKENDS, "vault", OvertakenBackend(BACKENDS["vault"], overtake))
        late = certificates_in(send(caller))
    assert late == got
    with time_machine.travel(trust.now() + 2 * GRACE):
        settle_intents()
    assert sorted(owned(caller)) == ["issued", "revoked"]
    assert certificates_in(send(caller)) == got


def test_the_operator_sees_every_request_and_others_their_own(caller: Party) -> None:
    waiting(send(caller))
    other = party(roles=[Role.CPS])
    waiting(send(other))
    own = EnrolmentRequest.objects.filter(owner=caller.organization)
    person = parties.person(organization=caller.organization)
    assert set(selectors.requests(person)) == set(own)
    assert selectors.requests(trust.operator_person()).count() == 2
    assert not selectors.requests(bare_actor(roles=[Role.CPS])).exists()
