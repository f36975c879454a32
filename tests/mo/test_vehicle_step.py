"""A PCID while it is typed, and when it is handed in: the same words, within limits."""

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.mo import vehicles
from apps.mo.models import ConclusionDraft
from apps.provisioning_pool import services as pcp
from tests.factories import contracts, trust
from tests.mo.conftest import Person


def typed(person: Person, at: str, pcid: str) -> str:
    answer = person.post(f"{at}typed/vehicle/", pcid=pcid)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("pcid", "tone", "said"),
    [
        ("", "", ""),
        ("W", "wait", "1 character of 17 or 18"),
        ("wvw 00-00", "wait", "7 characters of 17 or 18"),
        ("WVWÄ", "danger", "no «Ä»"),
        ("<b>", "danger", "no «&lt;»"),
        ("WVW0000000000000000", "danger", "These are 19 characters."),
        ("XXX99999999999999", "wait", "Is there an 18th?"),
        ("XXX999999999999999", "danger", "No vehicle has this PCID."),
    ],
)
def test_red_is_only_what_can_no_longer_become_right(
    person: Person, pcid: str, tone: str, said: str
) -> None:
    answer = typed(person, person.begin(), pcid)
    assert said in answer
    assert [one for one in ("wait", "danger", "success") if f"mo-answer--{one}" in answer] == (
        [tone] if tone else []
    )


def test_a_vehicle_is_found_with_separators_and_small_letters(person: Person) -> None:
    pcid = person.world.vehicle.row.pcid
    spelled = f" {pcid[:3].lower()} {pcid[3:10]}-{pcid[10:]} "
    at = person.begin()
    answer = typed(person, at, spelled)
    assert "mo-answer--success" in answer
    assert person.world.vehicle.owner.name in answer
    assert "Certificate chain" in answer
    assert person.post(f"{at}vehicle/", pcid=spelled).status_code == 302
    assert person.draft.pcid == pcid
    assert "mo-answer--success" in person.client.get(f"{at}vehicle/").content.decode()


@pytest.mark.parametrize("pcid", ["", "WVW", "XXX99999999999999", "WVW#", "XXX999999999999999"])
def test_what_names_no_vehicle_stays_with_its_reason(person: Person, pcid: str) -> None:
    at = person.begin()
    answer = person.post(f"{at}vehicle/", pcid=pcid)
    assert answer.status_code == 422
    assert f'value="{pcid}"' in answer.content.decode() or not pcid
    assert "mo-answer--danger" in answer.content.decode()
    assert not person.draft.pcid


def test_what_is_typed_is_kept(person: Person) -> None:
    at = person.begin()
    typed(person, at, "WVW 123")
    assert 'value="WVW 123"' in person.client.get(f"{at}vehicle/").content.decode()


def test_a_vehicle_whose_certificate_no_longer_holds_is_refused_and_recorded(
    person: Person,
) -> None:
    leaf = person.world.vehicle.chain[0]
    trust.keep_crl(person.world.oem.pki.sub2, revoked=[leaf])
    answer = typed(person, person.begin(), person.world.vehicle.row.pcid)
    assert "is in the pool, but cannot be used" in answer
    recorded = AuditEvent.objects.get(action="pcp.get")
    assert (recorded.result, recorded.actor_id) == ("refused", str(person.user.pk))


def test_a_vehicle_that_no_cps_can_sign_for_is_refused(person: Person) -> None:
    other = trust.v2g_ecosystem(purposes=())
    key_id = other.root.certificate.extensions.subject_key_id
    assert key_id is not None
    vehicle = trust.published_vehicle(
        oem=person.world.oem, owner=person.world.vehicle.owner, v2g_roots=[key_id]
    )
    answer = typed(person, person.begin(), vehicle.row.pcid)
    assert "no CPS signing certificate under this V2G root" in answer


def test_a_vehicle_that_left_in_between_sends_back_to_the_first_step(person: Person) -> None:
    at = person.fill()
    pcp.withdraw(actor=trust.oem_actor(person.world.vehicle.owner), pcid=person.world.vehicle.pcid)
    for step in ("term", "confirm"):
        assert person.client.get(f"{at}{step}/").headers["Location"] == f"{at}vehicle/"


def test_look_ups_are_limited_by_the_hour_and_the_same_one_counts_once(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vehicles, "PER_HOUR", 2)
    at = person.begin()
    mine = person.world.vehicle.row.pcid
    for _ in range(3):
        assert "mo-answer--success" in typed(person, at, mine)
    typed(person, at, "XXX999999999999999")
    assert "2 vehicles within this hour" in typed(person, at, "XXX999999999999998")
    assert "mo-answer--success" in typed(person, at, mine)


def test_another_vehicle_makes_handed_in_data_and_root_void(person: Person) -> None:
    at = person.fill()
    ConclusionDraft.objects.update(own_data={"contractData": {}}, ends=timezone.now())
    other = trust.published_vehicle(oem=person.world.oem, owner=person.world.vehicle.owner)
    person.post(f"{at}vehicle/", pcid=str(other.pcid))
    assert (person.draft.own_data, person.draft.ends) == ({}, None)
    assert person.client.get(f"{at}confirm/").headers["Location"] == f"{at}term/"


def test_the_vehicle_of_another_party_may_have_a_contract_of_ours_too(person: Person) -> None:
    """The PCP is open to every MO; what binds is the EMAID, not who found the vehicle first."""
    other = trust.published_vehicle(pcid_text="WBA00000000000001")
    stranger = contracts.mo()
    person.world.generate(actor=stranger.actor, emaid=stranger.emaid(), pcid=other.pcid)
    answer = typed(person, person.begin(), other.row.pcid)
    assert "mo-answer--success" in answer
    assert stranger.organization.name not in answer
