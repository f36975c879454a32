"""What a certificate page says of the chain at this moment, and which rule fails."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.core.actor import Right
from apps.participants.models import Organization
from apps.pki import services
from apps.pki.labels import LABELS
from apps.pki.models import IssuedCertificate, RevocationReason
from apps.root_pool import generation
from apps.root_pool.models import RootCertificate
from tests.factories import contracts, parties, trust
from tests.pki.enrolment import NAMES, csr, party_for
from tests.portal.actions import page_of
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


def _text(organization: Organization, row: Any) -> str:
    client = Client()
    client.force_login(
        parties.member(organization=organization, right=Right.VIEWER),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    answer = client.get(page_of(row))
    assert answer.status_code == 200
    text = " ".join(answer.content.decode().split())
    return text[text.index("Checks now") :].partition("</ul>")[0]


def _issued() -> tuple[Organization, IssuedCertificate]:
    trust.v2g_ecosystem()
    owner = party_for("cpo").organization
    made = services.enrol(
        actor=parties.actor(organization=owner),
        label=LABELS["cpo"],
        version=IsoVersion.ISO_2,
        csr=csr(NAMES["cpo"]),
    )
    assert isinstance(made, IssuedCertificate)
    return owner, made


def test_a_good_chain_passes_every_check() -> None:
    owner, made = _issued()
    page = _text(owner, made)
    assert page.count("Passed") == 5
    assert "Failed" not in page
    for name in ("SECC certificate", "CPO Sub2", "CPO Sub1"):
        assert f"Revocation: {name}" in page
    assert page.count("Issued here and not revoked.") == 3


def test_a_revoked_certificate_fails_at_revocation() -> None:
    owner, made = _issued()
    services.revoke_by_fingerprint(
        actor=parties.actor(organization=owner),
        fingerprints=[bytes(made.fingerprint or b"")],
        reason=RevocationReason.SUPERSEDED,
    )
    page = _text(owner, made)
    assert "The SECC certificate is revoked. Rule: revoked" in page
    assert page.count("Failed") == 1


def test_an_expired_certificate_fails_at_validity() -> None:
    owner, made = _issued()
    with time_machine.travel(made.not_after + timedelta(days=1), tick=False):
        page = _text(owner, made)
    assert "Rule: expired" in page
    assert "Not looked at" in page


def test_a_vehicle_below_a_removed_root_names_the_rule() -> None:
    world = contracts.world()
    owner = world.vehicle.owner
    assert "Failed" not in _text(owner, world.vehicle.row)
    RootCertificate.objects.filter(pk=world.vehicle.row.root_id).update(
        state=RootCertificate.State.REMOVED
    )
    generation.change()
    assert "Rule: unknown_root" in _text(owner, world.vehicle.row)
