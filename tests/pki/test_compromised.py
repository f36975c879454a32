"""A key that was revoked as compromised is certified nowhere again (CA/B Forum BR 6.1.1.3)."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.apps import apps
from django.test import Client

from apps.core.actor import Role
from apps.core.errors import Forbidden
from apps.keys.backends import BACKENDS
from apps.keys.models import StoredKey
from apps.pki.models import CompromisedKey, EnrolmentRequest, IssuedCertificate, RevocationReason
from tests.factories import parties, pki, trust
from tests.pki.enrolment import NAMES, Party, certificates_in, csr, party, refusal
from tests.pki.published import issue, make_authority, revoke
from v2g.pki.profiles import CPS_LEAF

pytestmark = pytest.mark.django_db

TEXT = "This key was revoked as compromised. Use a new key."
LABELS = ("cpo", "mo", "emsp", "oem", "cps")
Reason = RevocationReason


@pytest.fixture(autouse=True)
def _authorities() -> None:
    trust.v2g_ecosystem()


@pytest.fixture
def caller() -> Party:
    """One organisation with the identifiers of every label."""
    return party(
        roles=[Role.CPO, Role.MO, Role.OEM, Role.CPS],
        operator_ids=["DEICE"],
        provider_ids=["DE8AA"],
        wmis=["WVW"],
    )


def enrol(caller: Party, label: str, key: str = "known", path: str = "simpleenroll") -> Any:
    return caller.post(f"/est/{label}/{path}", csr(NAMES[label], key=pki.make_key(key)))


def lose(caller: Party, reason: RevocationReason = Reason.KEY_COMPROMISE) -> None:
    """Revoke the one certificate of the station."""
    revoke(IssuedCertificate.objects.get(owner=caller.organization), reason)


@pytest.mark.parametrize("path", ["simpleenroll", "simplereenroll"])
def test_no_label_takes_the_key_whoever_asks(caller: Party, path: str) -> None:
    certificates_in(enrol(caller, "cpo"))
    certificates_in(enrol(caller, "cpo", key="other"))
    revoke(IssuedCertificate.objects.filter(owner=caller.organization).order_by("pk")[0])
    made = IssuedCertificate.objects.count()
    stranger = party(roles=[Role.CPO], operator_ids=["DEXYZ"])
    for label in LABELS:
        assert refusal(enrol(caller, label, path=path), 403) == TEXT
    foreign = csr("DE*XYZ*E1", key=pki.make_key("known"))
    assert refusal(stranger.post("/est/cpo/simpleenroll", foreign), 403) == TEXT
    assert IssuedCertificate.objects.count() == made
    assert not EnrolmentRequest.objects.exists()
    certificates_in(enrol(caller, "mo", key="new"))


@pytest.mark.parametrize("reason", [Reason.SUPERSEDED, Reason.CESSATION, Reason.UNSPECIFIED])
def test_a_key_that_was_revoked_for_another_reason_may_be_used_again(
    caller: Party, reason: RevocationReason
) -> None:
    certificates_in(enrol(caller, "cpo"))
    lose(caller, reason)
    certificates_in(enrol(caller, "cpo"))
    assert not CompromisedKey.objects.exists()


def test_the_page_refuses_it_at_the_field_and_orders_nothing(caller: Party) -> None:
    certificates_in(enrol(caller, "cpo"))
    lose(caller)
    client = Client()
    client.force_login(
        parties.member(organization=caller.organization),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    pasted = csr(NAMES["oem"], key=pki.make_key("known"), form=Encoding.PEM).decode()
    fields = {"kind": "oem", "pasted": pasted, "once": "7f3b1a52-8f0f-4b07-9a3e-1d2c3b4a5f60"}
    for page in ("/request-certificate/", "/request-certificate/order/"):
        assert TEXT in client.post(page, fields).content.decode()
    assert not IssuedCertificate.objects.filter(profile="oem").exists()


def test_issuance_refuses_it_whatever_the_caller_checked() -> None:
    authority = make_authority()
    row = issue(authority)
    revoke(row, Reason.CA_COMPROMISE)
    with pytest.raises(Forbidden) as refused:
        issue(authority)
    assert refused.value.code == "compromised_key"


class MeanwhileBackend:
    """A key backend that is slow: somebody revokes while it signs."""

    def __init__(self, real: Any, meanwhile: Callable[[], None]) -> None:
        self._real, self._meanwhile = real, meanwhile

    def sign(self, stored: StoredKey, *args: Any, **kwargs: Any) -> Any:
        self._meanwhile()
        return self._real.sign(stored, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_a_key_that_is_reported_while_it_is_being_signed_is_not_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = make_authority()
    first = issue(authority)
    slow = MeanwhileBackend(BACKENDS["vault"], lambda: revoke(first))
    monkeypatch.setitem(BACKENDS, "vault", slow)
    with pytest.raises(Forbidden):
        issue(authority)
    states = IssuedCertificate.objects.filter(profile=CPS_LEAF.name).order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["revoked", "intended"]


def test_what_was_revoked_before_the_release_is_remembered_by_the_migration() -> None:
    authority = make_authority()
    lost = issue(authority)
    revoke(lost)
    revoked_at = CompromisedKey.objects.get().revoked_at
    CompromisedKey.objects.all().delete()
    other = issue(authority, key="another")
    revoke(other, Reason.SUPERSEDED)
    importlib.import_module("apps.pki.migrations.0009_compromised_keys").remember(apps, None)
    assert CompromisedKey.objects.get().revoked_at == revoked_at
    with pytest.raises(Forbidden):
        issue(authority)
