"""A second opinion, by pkilint, on everything that our authorities sign, once per generation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from apps.core.actor import Role
from apps.participants import selectors
from apps.pki import services
from apps.pki.labels import LABELS
from apps.pki.models import Authority, IssuedCertificate, RevocationReason
from tests.factories import pki, trust
from tests.factories.calls import forget_processes
from tests.factories.trust import Ecosystem, Purpose
from tests.pki import linting
from tests.pki.enrolment import NAMES, csr, party
from tests.pki.published import ACTOR, at
from tests.rights.world import rolled_back
from v2g.pki import ocsp
from v2g.pki.profiles import CPS_LEAF, TRUST_LIST_SIGNER, Profile
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db

ROLE_AS_COMPONENT: Final = "pkix.name_domain_components_invalid_domain_name"
"""RFC 4519 fills DC with labels of a domain name. ISO 15118-2 annex F and [V2G2-925] put the role
of the certificate there (V2G, CPO, CPS, MO, OEM, EV), and vehicles check it."""
KEY_ENCIPHERMENT: Final = "pkix.key_usage_value_prohibited_for_ec"
"""RFC 8813 forbids keyEncipherment for keys on a curve. ISO 15118-2 annex F.4 asks for it in
contract certificates, and those of the field have it."""

ALLOWED: Final[dict[str, set[str]]] = {
    "root": {ROLE_AS_COMPONENT},
    "cpo": {ROLE_AS_COMPONENT},
    "mo": {ROLE_AS_COMPONENT, KEY_ENCIPHERMENT},
    "oem": {ROLE_AS_COMPONENT},
    "veh": {ROLE_AS_COMPONENT},
    "cps": {ROLE_AS_COMPONENT},
}
"""What is found, and must be, by the kind of certificate. Nothing about any other kind."""

LEAVES_OF: Final = {
    IsoVersion.ISO_2: ("cpo", "mo", "oem"),
    IsoVersion.ISO_20: ("cpo", "mo", "oem", "veh"),
}


@dataclass
class Signed:
    """What the services signed, as pairs of its kind and its DER."""

    certificates: list[tuple[str, bytes]] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="module", params=list(IsoVersion), ids=lambda version: version.name)
def signed(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Signed]:
    """One set-up for all tests of a generation. The status URL has a host with a domain."""
    real_host = override_settings(STATUS_URL="http://status.plugpool.example")
    with django_db_blocker.unblock(), rolled_back(), real_host:
        forget_processes()
        yield _sign(request.param)
    forget_processes()


def _sign(version: IsoVersion) -> Signed:
    made, ecosystem = Signed(), trust.v2g_ecosystem(version=version)
    made.certificates.append(("root", bytes(ecosystem.root.der)))
    for authority in (*ecosystem.sub1.values(), *ecosystem.sub2.values()):
        made.certificates.append(("sub-CA", bytes(authority.der)))
    leaves = _enrolled(version)
    leaves["cps"] = _issued(ecosystem, CPS_LEAF, version)
    leaves["trust list"] = _issued(ecosystem, TRUST_LIST_SIGNER, version)
    made.certificates += [(kind, bytes(row.der or b"")) for kind, row in leaves.items()]
    _publish(made, ecosystem, leaves["cps"])
    return made


def _enrolled(version: IsoVersion) -> dict[str, IssuedCertificate]:
    """A certificate of each label that no person has to approve, over the service of EST."""
    caller = party(
        roles=[Role.OEM, Role.MO, Role.CPO],
        wmis=["WVW"],
        provider_ids=["DE8AA"],
        operator_ids=["DEICE"],
    )
    actor = selectors.actor_of_client(caller.client.client_id)
    found = {}
    for label in LEAVES_OF[version]:
        sent = csr(NAMES[label], key=pki.make_key("linted", version))
        row = services.enrol(actor=actor, label=LABELS[label], version=version, csr=sent)
        assert isinstance(row, IssuedCertificate)
        found[label] = row
    return found


def _issued(ecosystem: Ecosystem, profile: Profile, version: IsoVersion) -> IssuedCertificate:
    begins = trust.now()
    return services.issue(
        actor=ACTOR,
        authority=ecosystem.sub2[Purpose.CPS],
        profile=profile,
        common_name="Linted CPS",
        public_key=pki.make_key("linted", version).public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=90),
        owner=None,
        organization_name="Operator",
    )


def _publish(made: Signed, ecosystem: Ecosystem, leaf: IssuedCertificate) -> None:
    """CRLs and answers before and after a revocation, by the authority and by its delegate."""
    issuer = ecosystem.sub2[Purpose.CPS]
    for authority in (ecosystem.root, ecosystem.sub1[Purpose.CPS], issuer):
        _read(made, authority)
    made.answers.append(_answer(leaf, issuer, None))
    delegate = services.roll_responder(actor=ACTOR, authority=issuer)
    assert delegate is not None
    made.certificates.append(("responder", bytes(delegate.certificate.der or b"")))
    made.answers.append(_answer(leaf, issuer, b"n" * 16))
    reason = RevocationReason.KEY_COMPROMISE
    services.revoke(actor=ACTOR, certificates=[leaf], reason=reason)
    made.answers.append(_answer(leaf, issuer, None))
    _read(made, issuer)


def _read(made: Signed, authority: Authority) -> None:
    made.crls.append(bytes(services.current_crl(actor=ACTOR, authority=authority.uuid).der or b""))


def _answer(leaf: IssuedCertificate, issuer: Authority, nonce: bytes | None) -> bytes:
    request = ocsp.build_request(leaf.certificate, issuer.certificate, nonce=nonce)
    return services.answer_ocsp(request=request, at=at()).der


def test_certificates_have_only_the_findings_that_iso_15118_asks_for(signed: Signed) -> None:
    for kind, der in signed.certificates:
        assert linting.of_certificate(der) == ALLOWED.get(kind, set()), kind


def test_every_kind_of_certificate_was_linted(signed: Signed) -> None:
    linted = {kind for kind, _ in signed.certificates}
    assert linted | {"veh"} == {*ALLOWED, "sub-CA", "responder", "trust list"}


def test_crls_have_no_findings(signed: Signed) -> None:
    assert len(signed.crls) == 4
    for der in signed.crls:
        assert linting.of_crl(der) == set()


def test_ocsp_answers_have_no_findings(signed: Signed) -> None:
    assert len(signed.answers) == 3
    for der in signed.answers:
        assert linting.of_answer(der) == set()


def test_the_linter_sees_what_is_wrong(signed: Signed) -> None:
    """A list that says it comes after it ends; else an empty result would prove nothing."""
    whole = signed.crls[0]
    first, second = re.findall(rb"\x17\x0d\d{12}Z", whole)[:2]
    assert linting.of_crl(whole.replace(first + second, second + first))
