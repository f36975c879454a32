"""A revocation and those who ask at the same moment: afterwards nobody gets what was before."""

from collections.abc import Callable

import pytest

from apps.pki import services
from apps.pki.models import IssuedCertificate, PublishedAnswer, PublishedCrl
from tests.factories.races import outcomes
from tests.pki.published import ACTOR, at, issue, make_authority, revoke
from v2g.pki import ocsp
from v2g.pki.crl import Crl
from v2g.pki.status import Status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROUNDS = 15


def test_answers_and_lists_asked_for_during_a_revocation_are_taken_back() -> None:
    authority = make_authority()
    issuer = authority.certificate
    for number in range(ROUNDS):
        row = issue(authority, key=f"cps {number}")
        request = ocsp.build_request_for(row.certificate.serial, issuer)

        def ask(request: bytes = request) -> object:
            return services.answer_ocsp(request=request, at=at())

        def listed() -> PublishedCrl:
            return services.current_crl(actor=ACTOR, authority=authority.uuid)

        def take_back(row: IssuedCertificate = row) -> None:
            revoke(row)

        calls: list[Callable[[], object]] = [ask, listed, take_back, ask, listed]
        assert outcomes(calls) == {"done": len(calls)}
        answer = services.answer_ocsp(request=request, at=at())
        found = ocsp.read_response(answer.der, certificate=row.certificate, issuer=issuer, at=at())
        assert found.status is Status.REVOKED
        assert PublishedAnswer.objects.filter(certificate=row).count() == 1
        crl = Crl.read(bytes(listed().der or b""), issuer=issuer, at=at())
        assert crl.status_of(row.certificate).status is Status.REVOKED
