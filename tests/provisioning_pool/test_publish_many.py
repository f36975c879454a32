"""Publishing a batch: each vehicle has its own outcome, what they share is asked about once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from pytest_django import Settings

from apps.audit.models import AuditEvent
from apps.core.actor import Actor, system
from apps.core.errors import DomainError, Forbidden
from apps.participants.models import Organization
from apps.pki import services as pki_services
from apps.pki.models import RevocationReason
from apps.pki.status.batches import GONE
from apps.provisioning_pool import checks, services, signals
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_pool.services import Change, Outcome, Publication, Published
from apps.root_pool import services as rcp
from tests.factories import parties, pki, trust
from tests.factories.status_services import StatusServer
from tests.provisioning_pool.test_publish_status import own_vehicle
from v2g.ids import Pcid
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker() -> Organization:
    return parties.organization(wmis=["WVW"])


@pytest.fixture
def actor(maker: Organization) -> Actor:
    return trust.oem_actor(maker)


@pytest.fixture
def oem() -> trust.OemPki:
    return trust.oem_pki()


def vehicle(oem: trust.OemPki, pcid: str = "", **more: Any) -> pki.Holder:
    key = ec.generate_private_key(oem.pki.version.curve)
    return pki.make_leaf(oem.pki, pcid or trust.pcid(), **({"key": key} | more))


def of(oem: trust.OemPki, *leaves: pki.Holder, **more: Any) -> list[Publication]:
    return [Publication(chain=trust.chain_of(leaf, oem.pki), **more) for leaf in leaves]


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of each, in a word."""
    return [one.code if isinstance(one, DomainError) else one.change.value for one in outcomes]


def pool() -> set[str]:
    return set(ProvisioningCertificate.objects.values_list("pcid", flat=True))


def test_each_vehicle_has_its_own_outcome(actor: Actor, oem: trust.OemPki) -> None:
    good, revoked, renewed, rekeyed, same = (vehicle(oem) for _ in range(5))
    before = vehicle(oem, rekeyed.certificate.common_name)
    older = vehicle(oem, renewed.certificate.common_name, key=renewed.key)
    services.publish_many(actor=actor, publications=of(oem, before, older, same))
    at = trust.now() + timedelta(seconds=1)
    trust.keep_crl(oem.pki.sub2, revoked=[revoked.certificate], at=at)
    late = vehicle(oem, at=trust.now() - timedelta(days=60), days=30)
    stranger = vehicle(oem, trust.pcid("WBA"))
    outcomes = services.publish_many(
        actor=actor,
        publications=[
            *of(oem, good, revoked, renewed, rekeyed, same, late, stranger),
            Publication(chain=services.Chain(vehicle=b"no", sub2=None, sub1=b"no")),
        ],
    )
    assert told(outcomes) == [
        "new",
        "revoked",
        "renewed",
        "rekeyed",
        "same",
        "expired",
        "foreign_wmi",
        "malformed",
    ]
    published = [one.row for one in outcomes if isinstance(one, Published)]
    assert {row.pk for row in published} == {
        row.pk for row in ProvisioningCertificate.objects.all()
    }
    stored = dict(ProvisioningCertificate.objects.values_list("pcid", "der"))
    assert {bytes(der) for der in stored.values()} == {
        one.der for one in (good, renewed, rekeyed, same)
    }


def test_each_change_is_one_audit_event_and_new_keys_are_told_once(
    actor: Actor, oem: trust.OemPki
) -> None:
    first, second = vehicle(oem), vehicle(oem)
    services.publish_many(actor=actor, publications=of(oem, first, second))
    heard: list[list[str]] = []

    def receive(**given: Any) -> None:
        heard.append(given["pcids"])

    signals.rekeyed.connect(receive)
    try:
        again = [vehicle(oem, one.certificate.common_name) for one in (first, second)]
        services.publish_many(actor=actor, publications=of(oem, *again, vehicle(oem)))
    finally:
        signals.rekeyed.disconnect(receive)
    assert heard == [[one.certificate.common_name for one in (first, second)]]
    events = AuditEvent.objects.filter(action="provisioning_pool.publish").order_by("pk")
    assert [event.detail["new_key"] for event in events] == [False, False, True, True, False]
    assert [bool(event.detail["replaced"]) for event in events] == [False, False, True, True, False]


def test_a_batch_leaves_what_one_by_one_would(actor: Actor, oem: trust.OemPki) -> None:
    alone, among = vehicle(oem), vehicle(oem)
    services.publish(actor=actor, chain=trust.chain_of(alone, oem.pki))
    services.publish_many(actor=actor, publications=of(oem, among, vehicle(oem)))
    stored = ProvisioningCertificate.objects.values()
    rows: dict[str, dict[str, Any]] = {str(row["pcid"]): dict(row) for row in stored}
    one, other = (rows[each.certificate.common_name] for each in (alone, among))
    own = {"id", "pcid", "der", "fingerprint", "serial", "published_at", "checks"}
    assert {name: one[name] for name in one.keys() - own} == {
        name: other[name] for name in other.keys() - own
    }
    for row, holder in ((one, alone), (other, among)):
        record = row["checks"]
        assert record["status"][0]["sha256"] == holder.certificate.fingerprint.hex()
        assert record["status"][0]["serial"] == holder.certificate.serial_octets.hex()
    assert one["checks"].keys() == other["checks"].keys()
    assert one["checks"]["passed"] == other["checks"]["passed"]
    assert one["checks"]["status"][1:] == other["checks"]["status"][1:]


def test_a_vehicle_stands_in_a_batch_once(actor: Actor, oem: trust.OemPki) -> None:
    first = vehicle(oem)
    second = vehicle(oem, first.certificate.common_name)
    outcomes = services.publish_many(actor=actor, publications=of(oem, first, second))
    assert told(outcomes) == ["new", "pcid_twice"]
    assert bytes(ProvisioningCertificate.objects.get().der) == first.der


def test_previous_pcids_leave(actor: Actor, oem: trust.OemPki) -> None:
    old, other = vehicle(oem), vehicle(oem)
    services.publish_many(actor=actor, publications=of(oem, old, other))
    new = vehicle(oem)
    previous = Pcid.parse(old.certificate.common_name)
    services.publish_many(
        actor=actor,
        publications=[*of(oem, new, previous_pcid=previous), *of(oem, vehicle(oem))],
    )
    assert old.certificate.common_name not in pool()
    assert {new.certificate.common_name, other.certificate.common_name} < pool()


def test_what_the_pool_knows_of_a_vehicle_stays_where_nothing_is_said(
    actor: Actor, oem: trust.OemPki
) -> None:
    leaf = vehicle(oem)
    roots = [bytes.fromhex("aa" * 20)]
    services.publish_many(actor=actor, publications=of(oem, leaf, v2g_roots=roots))
    newer = vehicle(oem, leaf.certificate.common_name)
    services.publish_many(actor=actor, publications=of(oem, newer, v2g_roots=None))
    assert ProvisioningCertificate.objects.get().v2g_roots == ["aa" * 20]


def test_the_curve_names_the_version_where_nobody_does(actor: Actor) -> None:
    modern = trust.oem_pki(version=IsoVersion.ISO_20)
    services.publish_many(actor=actor, publications=of(modern, vehicle(modern)))
    row = ProvisioningCertificate.objects.get()
    assert row.namespace == IsoVersion.ISO_20.namespace


def test_outcomes_are_settled_with_their_effect_or_not_at_all(
    actor: Actor, oem: trust.OemPki
) -> None:
    class Lost(Exception):
        """Another worker took the rows over."""

    seen: list[list[str]] = []

    def then(outcomes: Sequence[Outcome]) -> None:
        seen.append(told(outcomes))
        raise Lost

    publications = [*of(oem, vehicle(oem)), *of(oem, vehicle(oem, trust.pcid("WBA")))]
    with pytest.raises(Lost):
        services.publish_many(actor=actor, publications=publications, then=then)
    assert seen == [["new", "foreign_wmi"]]
    assert not pool()
    assert not AuditEvent.objects.filter(action="provisioning_pool.publish").exists()


def test_only_car_makers_publish_and_batches_are_bounded(oem: trust.OemPki, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        services.publish_many(actor=system("tests"), publications=of(oem, vehicle(oem)))
    with pytest.raises(ValueError, match="500"):
        services.publish_many(actor=actor, publications=of(oem, vehicle(oem)) * 501)


def overtaken(monkeypatch: pytest.MonkeyPatch, by: Any) -> None:
    """Something happens after the checks, before the transaction."""
    real = checks.verify_many

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        monkeypatch.setattr(checks, "verify_many", real)
        by()
        return found

    monkeypatch.setattr(checks, "verify_many", interrupted)


def test_what_is_revoked_meanwhile_stays_out_and_the_others_enter(
    actor: Actor, oem: trust.OemPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecosystem = trust.v2g_ecosystem(purposes=[trust.Purpose.OEM])
    kept, kept_chain = own_vehicle(ecosystem, "WVWOWN00000000001")
    lost, lost_chain = own_vehicle(ecosystem, "WVWOWN00000000002")
    reason = RevocationReason.KEY_COMPROMISE
    overtaken(
        monkeypatch,
        lambda: pki_services.revoke(actor=system("tests"), certificates=[lost], reason=reason),
    )
    chains = [Publication(chain=chain) for chain in (kept_chain, lost_chain)]
    outcomes = services.publish_many(actor=actor, publications=[*chains, *of(oem, vehicle(oem))])
    assert told(outcomes) == ["new", "revoked", "new"]
    assert kept.common_name in pool()
    assert lost.common_name not in pool()


def test_what_hangs_on_a_root_that_is_removed_meanwhile_stays_out(
    actor: Actor, oem: trust.OemPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = trust.oem_pki()
    rcp.ask_removal(actor=trust.operator_person(), root=other.root_row)
    another = trust.operator_person()
    overtaken(monkeypatch, lambda: rcp.confirm_removal(actor=another, root=other.root_row))
    publications = [*of(oem, vehicle(oem)), *of(other, vehicle(other))]
    outcomes = services.publish_many(actor=actor, publications=publications)
    assert told(outcomes) == ["new", "unknown_root"]


def test_a_revoked_one_that_is_in_the_pool_already_is_refused_again(
    actor: Actor, oem: trust.OemPki
) -> None:
    good, bad = vehicle(oem), vehicle(oem)
    services.publish_many(actor=actor, publications=of(oem, good, bad))
    at = trust.now() + timedelta(seconds=1)
    trust.keep_crl(oem.pki.sub2, revoked=[bad.certificate], at=at)
    outcomes = services.publish_many(actor=actor, publications=of(oem, good, bad))
    assert told(outcomes) == [Change.SAME.value, "revoked"]


@pytest.fixture
def unknown(settings: Settings) -> trust.OemPki:
    """A car maker about whose vehicles nothing is stored."""
    return trust.oem_pki(crls_of=("root", "sub1"))


def leaves_with(made: trust.OemPki, count: int, **services_of: str) -> list[pki.Holder]:
    return [trust.leaf_with(made.pki, **services_of) for _ in range(count)]


def test_one_crl_is_fetched_for_all_vehicles_of_an_issuer(
    actor: Actor, unknown: trust.OemPki, status_server: StatusServer
) -> None:
    url = status_server.url("/sub2.crl")
    leaves = leaves_with(unknown, 5, crl_url=url)
    status_server.serve(
        "/sub2.crl", trust.crl_of(unknown.pki.sub2, revoked=[leaves[3].certificate])
    )
    heard: list[str] = []
    outcomes = services.publish_many(
        actor=actor, publications=of(unknown, *leaves), heard=lambda: heard.append("asked")
    )
    assert told(outcomes) == ["new", "new", "new", "revoked", "new"]
    assert status_server.asked == ["/sub2.crl"]
    assert heard == ["asked"]


def test_an_unreachable_crl_is_tried_once_and_then_left_alone_for_a_while(
    actor: Actor, unknown: trust.OemPki, status_server: StatusServer
) -> None:
    leaves = leaves_with(unknown, 6, crl_url=status_server.url("/gone.crl"))
    for part in (leaves[:3], leaves[3:]):
        outcomes = services.publish_many(actor=actor, publications=of(unknown, *part))
        assert told(outcomes) == ["status_unknown"] * 3
    assert status_server.asked == ["/gone.crl"]
    cache.clear()  # as after GONE seconds
    assert GONE <= 60
    status_server.serve("/gone.crl", trust.crl_of(unknown.pki.sub2))
    outcomes = services.publish_many(actor=actor, publications=of(unknown, *leaves))
    assert told(outcomes) == ["new"] * 6


def test_a_dead_service_of_one_maker_does_not_touch_the_others(
    actor: Actor, oem: trust.OemPki, unknown: trust.OemPki, status_server: StatusServer
) -> None:
    dead = leaves_with(unknown, 4, crl_url=status_server.url("/gone.crl"))
    outcomes = services.publish_many(
        actor=actor, publications=[*of(unknown, *dead), *of(oem, vehicle(oem))]
    )
    assert told(outcomes) == ["status_unknown"] * 4 + ["new"]


def test_ocsp_is_asked_about_each_and_answers_for_each(
    actor: Actor, unknown: trust.OemPki, status_server: StatusServer
) -> None:
    leaves = leaves_with(unknown, 3, ocsp_url=status_server.url("/ocsp"))
    status_server.serve_ocsp(
        "/ocsp", unknown.pki.sub2, revoked=(leaves[1].certificate,), at=trust.now()
    )
    outcomes = services.publish_many(actor=actor, publications=of(unknown, *leaves))
    assert told(outcomes) == ["new", "revoked", "new"]
    assert status_server.asked == ["/ocsp"] * 3
