"""Issuance from our own authorities: the order of its steps and what a crash leaves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import DatabaseError, transaction

from apps.audit.models import AuditEvent
from apps.core.actor import system
from apps.core.errors import Invalid, Unavailable
from apps.keys.backends import BACKENDS
from apps.keys.models import StoredKey
from apps.pki import services
from apps.pki.models import Authority, IssuedCertificate
from apps.pki.tasks import settle_intents
from tests.factories import pki, trust
from tests.factories.trust import Purpose
from v2g.pki.profiles import CONTRACT_LEAF, CPS_LEAF, CPS_SUB2

pytestmark = pytest.mark.django_db

ACTOR = system("tests")
State = IssuedCertificate.State


@pytest.fixture
def cps() -> Authority:
    return trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]


@pytest.fixture
def cps_sub1(cps: Authority) -> Authority:
    assert cps.parent
    return cps.parent


def order(**changes: Any) -> services.Order:
    begins = trust.now()
    given: dict[str, Any] = {
        "profile": CPS_LEAF,
        "common_name": "CPS 1",
        "public_key": pki.make_key("cps leaf").public_key(),
        "not_before": begins,
        "not_after": begins + timedelta(days=90),
        "organization_name": "Tests",
    }
    return services.Order(**{**given, **changes})


class SpyBackend:
    """A key backend that looks at the database at the moment it signs, and may then fail."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.seen: list[list[str]] = []
        self.failing = False

    def sign(self, stored: StoredKey, *args: Any, **kwargs: Any) -> Any:
        states = IssuedCertificate.objects.filter(profile="CPS").values_list("state", flat=True)
        self.seen.append(list(states))
        if self.failing:
            raise ConnectionError("the key backend is gone")
        return self._real.sign(stored, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture
def spy() -> Iterator[SpyBackend]:
    real = BACKENDS["vault"]
    backend = SpyBackend(real)
    BACKENDS["vault"] = backend  # type: ignore[assignment]  # it stands in for one
    yield backend
    BACKENDS["vault"] = real


def test_a_certificate_names_where_its_status_is_answered(cps: Authority) -> None:
    issued = services.issue_many(actor=ACTOR, authority=cps, orders=[order()])[0]
    extensions = issued.certificate.extensions
    assert extensions.ocsp_urls == ("http://testserver/pki/ocsp",)
    assert extensions.crl_urls == (f"http://testserver/pki/crl/{cps.uuid}.crl",)


def test_a_root_names_no_status_service(cps_sub1: Authority) -> None:
    assert cps_sub1.parent
    extensions = cps_sub1.parent.certificate.extensions
    assert (extensions.ocsp_urls, extensions.crl_urls) == ((), ())
    assert cps_sub1.certificate.extensions.ocsp_urls


def test_the_intent_is_stored_before_the_key_signs(cps: Authority, spy: SpyBackend) -> None:
    services.issue_many(actor=ACTOR, authority=cps, orders=[order(), order(common_name="CPS 2")])
    assert spy.seen == [[State.INTENDED, State.INTENDED]] * 2


def test_all_certificates_of_a_batch_come_back_in_order_and_are_logged(cps: Authority) -> None:
    names = ["CPS 1", "CPS 2", "CPS 3"]
    orders = [order(common_name=name) for name in names]
    issued = services.issue_many(actor=ACTOR, authority=cps, orders=orders)
    assert [row.certificate.common_name for row in issued] == names
    stored = IssuedCertificate.objects.filter(profile="CPS")
    assert {row.state for row in stored} == {State.ISSUED}
    logged = AuditEvent.objects.filter(action="pki.issue", target_type="certificate")
    wanted = {bytes(row.fingerprint or b"").hex() for row in issued}
    assert wanted <= set(logged.values_list("target_id", flat=True))


def test_serials_have_159_random_bits_and_differ(cps: Authority) -> None:
    issued = services.issue_many(actor=ACTOR, authority=cps, orders=[order() for _ in range(20)])
    serials = [row.certificate.serial for row in issued]
    assert len(set(serials)) == 20
    assert all(serial.bit_length() <= 159 for serial in serials)
    assert max(serial.bit_length() for serial in serials) > 150
    assert [bytes(row.serial) for row in issued] == [r.certificate.serial_octets for r in issued]


def test_what_breaks_its_profile_is_neither_signed_nor_intended(
    cps: Authority, spy: SpyBackend
) -> None:
    too_long = order(not_after=trust.now() + timedelta(days=6 * 365))
    with pytest.raises(Invalid) as refused:
        services.issue_many(actor=ACTOR, authority=cps, orders=[order(), too_long])
    assert refused.value.code == "breaks_profile"
    assert spy.seen == []
    assert not IssuedCertificate.objects.filter(profile="CPS").exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"profile": CONTRACT_LEAF, "common_name": "DE8AAC123456783"}, "profile_not_of_authority"),
        ({"profile": CPS_SUB2, "common_name": "Another CA"}, "profile_not_of_authority"),
        ({"public_key": ec.generate_private_key(ec.SECP521R1()).public_key()}, "wrong_curve"),
        ({"not_after": trust.now() + timedelta(days=30 * 365)}, "outside_authority"),
        ({"not_before": trust.now() - timedelta(days=400)}, "outside_authority"),
    ],
)
def test_an_authority_issues_only_within_its_bounds(
    cps: Authority, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        services.issue_many(actor=ACTOR, authority=cps, orders=[order(**changes)])
    assert refused.value.code == code


def test_a_sub1_issues_no_leaf(cps_sub1: Authority) -> None:
    with pytest.raises(Invalid) as refused:
        services.issue_many(actor=ACTOR, authority=cps_sub1, orders=[order()])
    assert refused.value.code == "profile_not_of_authority"


def test_an_inactive_authority_issues_nothing(cps: Authority) -> None:
    cps.active = False
    with pytest.raises(Invalid) as refused:
        services.issue_many(actor=ACTOR, authority=cps, orders=[order()])
    assert refused.value.code == "authority_inactive"


def test_nothing_is_issued_inside_a_transaction(cps: Authority) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.issue_many(actor=ACTOR, authority=cps, orders=[order()])


def test_a_broken_key_backend_leaves_the_intent_for_the_sweep(
    cps: Authority, spy: SpyBackend
) -> None:
    spy.failing = True
    with time_machine.travel(trust.now(), tick=False) as clock:
        with pytest.raises(ConnectionError):
            services.issue_many(actor=ACTOR, authority=cps, orders=[order()])
        clock.shift(timedelta(minutes=4, seconds=59))
        settle_intents()
        row = IssuedCertificate.objects.get(profile="CPS")
        assert row.state == State.INTENDED
        clock.shift(timedelta(seconds=2))
        settle_intents()
    row.refresh_from_db()
    assert (row.state, row.der) == (State.ABANDONED, None)
    assert list(IssuedCertificate.objects.never_good_again()) == [row]
    assert AuditEvent.objects.filter(action="pki.abandon").count() == 1


def test_a_signer_that_comes_after_the_sweep_hands_nothing_out(
    cps: Authority, spy: SpyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = spy.sign

    def slow(*args: Any, **kwargs: Any) -> Any:
        with time_machine.travel(trust.now() + timedelta(minutes=6)):
            settle_intents()
        return real(*args, **kwargs)

    monkeypatch.setattr(spy, "sign", slow)
    with pytest.raises(Unavailable):
        services.issue_many(actor=ACTOR, authority=cps, orders=[order()])
    assert IssuedCertificate.objects.get(profile="CPS").state == State.ABANDONED


def test_a_batch_is_bounded(cps: Authority) -> None:
    with pytest.raises(Invalid) as refused:
        services.issue_many(actor=ACTOR, authority=cps, orders=[order()] * 1001)
    assert refused.value.code == "batch_too_large"


def test_one_issuer_never_has_the_same_serial_twice(cps: Authority) -> None:
    issued = services.issue_many(actor=ACTOR, authority=cps, orders=[order()])[0]
    issued.pk, issued.fingerprint = None, None
    with pytest.raises(DatabaseError), transaction.atomic():
        issued.save()
