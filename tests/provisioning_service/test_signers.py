"""Signers: CPS certificates of ours under the V2G roots of the RCP."""

from datetime import timedelta

import pytest
import time_machine

from apps.core.errors import Forbidden, NotFound, Unavailable
from apps.pki import services as pki_services
from apps.pki.models import RevocationReason
from apps.provisioning_service import selectors, services
from apps.provisioning_service.models import Signer
from apps.root_pool import services as rcp
from tests.factories import contracts, trust
from v2g.pki.profiles import CPS_LEAF

pytestmark = pytest.mark.django_db


def _signing() -> list[bytes]:
    return [one.path.leaf.fingerprint for one in selectors.ready(at=trust.now())]


def test_a_signer_is_a_cps_certificate_below_the_root() -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    signer = contracts.signer(made)
    certificate = signer.certificate.certificate
    assert certificate.domain_components == ("CPS",)
    assert certificate.extensions.key_usage == CPS_LEAF.key_usage
    sub2, sub1 = made.chain(contracts.Purpose.CPS)
    assert signer.sub_ca2 is not None
    assert (signer.sub_ca2.der, signer.sub_ca1.der) == (sub2.der, sub1.der)


def test_it_never_outlives_its_ca() -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    sub2 = made.sub2[contracts.Purpose.CPS]
    with time_machine.travel(sub2.not_after - timedelta(days=30), tick=False):
        assert contracts.signer(made).not_after <= sub2.not_after


def test_the_newest_signer_of_a_root_signs() -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(made, not_after=trust.now() + timedelta(days=30))
    newer = contracts.signer(made)
    assert _signing() == [bytes(newer.fingerprint)]


def test_only_signers_of_trusted_roots_that_are_valid_now_sign() -> None:
    good, removed, expired = (
        trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,)) for _ in range(3)
    )
    signer = contracts.signer(good)
    contracts.signer(removed)
    contracts.signer(expired, not_after=trust.now() + timedelta(days=1))
    rcp.ask_removal(actor=trust.operator_person(), root=removed.root_row)
    rcp.confirm_removal(actor=trust.operator_person(), root=removed.root_row)
    with time_machine.travel(trust.now() + timedelta(days=2), tick=False):
        assert _signing() == [bytes(signer.fingerprint)]
        listed = selectors.signers(viewer=contracts.cpo_actor())
        assert [one.row for one in listed] == [signer]


@pytest.mark.parametrize("level", ["leaf", "sub-CA"])
def test_a_revoked_signer_signs_no_more(level: str) -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    signer = contracts.signer(made)
    fingerprint = made.sub2[contracts.Purpose.CPS].certificate.fingerprint
    rows = type(signer.certificate).objects.filter(
        fingerprint=bytes(signer.fingerprint) if level == "leaf" else fingerprint
    )
    pki_services.revoke(
        actor=trust.operator_person(), certificates=rows, reason=RevocationReason.KEY_COMPROMISE
    )
    assert not Signer.objects.get().active
    assert _signing() == []


def test_only_the_operator_makes_signers() -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    with pytest.raises(Forbidden):
        services.create_signer(
            actor=contracts.mo().actor,
            root=made.root.certificate.fingerprint,
            common_name="CPS",
        )


def test_a_root_that_is_not_trusted_gets_no_signer() -> None:
    with pytest.raises(NotFound):
        services.create_signer(actor=trust.operator_person(), root=bytes(32), common_name="CPS")


def test_a_root_without_a_cps_authority_gets_no_signer() -> None:
    made = trust.v2g_ecosystem(purposes=(contracts.Purpose.MO,))
    with pytest.raises(Unavailable):
        contracts.signer(made)
