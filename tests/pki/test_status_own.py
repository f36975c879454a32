"""Status of what our own authorities issued: from our table, never over HTTP."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.core.actor import system
from apps.core.errors import Invalid
from apps.pki import services, status
from apps.pki.models import (
    IssuedCertificate,
    RevocationReason,
)
from apps.pki.status import Source
from tests.factories import pki, trust
from tests.factories.trust import Purpose
from tests.pki.asking import CRL_FIRST, ask, read, refusal
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import CheckedChain, check_chain
from v2g.pki.profiles import CONTRACT_LEAF, Profile

pytestmark = pytest.mark.django_db


def own_chain(ecosystem: trust.Ecosystem, leaf: pki.Holder, profile: Profile) -> CheckedChain:
    anchors = Anchors([Anchor(ecosystem.root.certificate, RootKind.V2G)])
    sub_cas = ecosystem.chain(Purpose.MO)
    return check_chain(
        leaf.certificate,
        sub_cas,
        anchors,
        profile=profile,
        version=ecosystem.root.version,
        at=trust.now(),
    )


@pytest.fixture
def own() -> tuple[trust.Ecosystem, IssuedCertificate]:
    ecosystem = trust.v2g_ecosystem(purposes=[Purpose.MO])
    begins = trust.now()
    issued = services.issue(
        actor=system("tests"),
        authority=ecosystem.sub2[Purpose.MO],
        profile=CONTRACT_LEAF,
        common_name="DE8AAC123456783",
        public_key=pki.make_key("contract").public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=30),
        owner=None,
    )
    return ecosystem, issued


def test_our_own_certificates_are_answered_from_our_table_without_http(
    own: tuple[trust.Ecosystem, IssuedCertificate],
) -> None:
    ecosystem, issued = own
    chain = own_chain(
        ecosystem, pki.Holder(issued.certificate, pki.make_key("contract")), CONTRACT_LEAF
    )
    assert [one.source for one in ask(chain)] == [Source.OWN] * 3
    assert [one.source for one in read(chain)] == [Source.OWN] * 3
    services.revoke(
        actor=system("tests"), certificates=[issued], reason=RevocationReason.SUPERSEDED
    )
    assert refusal(chain) == "revoked"
    with pytest.raises(Invalid, match="revoked"):
        read(chain)


def test_a_certificate_in_the_name_of_our_ca_that_our_table_does_not_know_is_refused(
    own: tuple[trust.Ecosystem, IssuedCertificate],
) -> None:
    ecosystem, issued = own
    IssuedCertificate.objects.filter(pk=issued.pk).delete()
    chain = own_chain(
        ecosystem, pki.Holder(issued.certificate, pki.make_key("contract")), CONTRACT_LEAF
    )
    assert refusal(chain) == "status_unknown"


def test_a_revocation_between_the_check_and_the_store_is_noticed(
    own: tuple[trust.Ecosystem, IssuedCertificate],
) -> None:
    ecosystem, issued = own
    chain = own_chain(
        ecosystem, pki.Holder(issued.certificate, pki.make_key("contract")), CONTRACT_LEAF
    )
    statuses = status.check_now(chain, policy=CRL_FIRST, at=trust.now())
    with transaction.atomic():
        status.require_still_issued(statuses)
    sub1 = IssuedCertificate.objects.get(fingerprint=chain.sub_cas[1].fingerprint)
    services.revoke(actor=system("tests"), certificates=[sub1], reason=RevocationReason.SUPERSEDED)
    with pytest.raises(Invalid, match="revoked"), transaction.atomic():
        status.require_still_issued(statuses)
