"""A person concludes a contract, step by step, and the worker makes it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.test import Client, override_settings
from django.utils import timezone

from apps.contract_pool.models import Contract, ContractData
from apps.core import queue
from apps.core.actor import Right
from apps.mo import services, tasks
from apps.mo.models import ConclusionDraft
from apps.mo.services import concluding
from apps.participants import services as participants
from apps.participants.models import ApiClient
from tests.factories import contracts, parties, trust
from tests.mo.conftest import BACKEND, Person, term
from v2g.ids import Emaid, ProviderId

State = ConclusionDraft.State


def test_a_contract_is_concluded_step_by_step_and_the_vehicle_accepts_it(person: Person) -> None:
    at = person.conclude()
    assert person.draft.state == State.ORDERED
    assert not Contract.objects.exists()
    tasks.conclude_draft(person.draft.pk)
    draft, contract = person.draft, Contract.objects.get()
    assert (draft.state, draft.stage, draft.contract) == (State.STORED, "stored", contract)
    assert (contract.emaid, contract.pcid) == (
        str(person.world.emaid),
        person.world.vehicle.row.pcid,
    )
    assert contract.ends - contract.begins == timedelta(days=301) - timedelta(seconds=1)
    car = person.world.car
    car.accept(car.install(contracts.cpo_actor()).exi)
    live = person.client.get(f"{at}live/")
    assert live.status_code == 286
    assert f"/conclude/receipt/{contract.pk}/" in live.content.decode()


def test_the_page_follows_until_the_contract_is_stored(person: Person) -> None:
    at = person.conclude()
    live = person.client.get(f"{at}live/")
    assert live.status_code == 200
    assert "is being concluded" in live.content.decode()
    assert f'hx-get="{at}live/"' in person.client.get(f"{at}progress/").content.decode()
    tasks.conclude_draft(person.draft.pk)
    assert f'hx-get="{at}live/"' not in person.client.get(f"{at}progress/").content.decode()


def test_each_stage_is_seen_while_it_is_made(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.conclude()
    seen = []
    made = concluding._Held.reach

    def reach(held: concluding._Held, stage: object) -> None:
        made(held, stage)  # type: ignore[arg-type]
        seen.append(person.draft.stage)

    monkeypatch.setattr(concluding._Held, "reach", reach)
    tasks.conclude_draft(person.draft.pk)
    assert seen == ["issued", "signed"]


@pytest.mark.parametrize("step", ["customer", "term", "confirm"])
def test_a_step_cannot_be_skipped_by_its_address(person: Person, step: str) -> None:
    at = person.begin()
    for answer in (person.client.get(f"{at}{step}/"), person.post(f"{at}{step}/", confirmed="on")):
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"{at}vehicle/"
    assert person.draft.state == State.OPEN


def test_the_last_step_repeats_everything_and_wants_a_confirmation(person: Person) -> None:
    at = person.fill()
    page = person.client.get(f"{at}confirm/").content.decode()
    assert person.world.emaid.display in page
    assert person.world.vehicle.row.pcid in page
    answer = person.post(f"{at}confirm/")
    assert answer.status_code == 422
    assert "Confirm that you have checked it." in answer.content.decode()
    assert person.draft.state == State.OPEN


def test_pressing_twice_and_going_back_conclude_once(person: Person) -> None:
    at = person.conclude()
    again = person.post(f"{at}confirm/", confirmed="on")
    assert again.headers["Location"] == f"{at}progress/"
    tasks.conclude_draft(person.draft.pk)
    tasks.conclude_draft(person.draft.pk)
    for step in ("vehicle", "customer", "term", "confirm"):
        for answer in (person.client.get(f"{at}{step}/"), person.post(f"{at}{step}/", pcid="X")):
            assert answer.headers["Location"] == f"{at}progress/"
    assert Contract.objects.count() == ContractData.objects.count() == 1


def test_two_windows_at_the_last_step_conclude_once(person: Person) -> None:
    at = person.fill()
    other = Client()
    other.force_login(person.user, backend=BACKEND)
    for window in (person.client, other):
        assert "Is everything right?" in window.get(f"{at}confirm/").content.decode()
    for window in (person.client, other, other):
        answer = window.post(f"{at}confirm/", {"confirmed": "on"})
        assert answer.headers["Location"] == f"{at}progress/"
    tasks.conclude_draft(person.draft.pk)
    late = other.post(f"{at}confirm/", {"confirmed": "on"})
    assert late.headers["Location"] == f"{at}progress/"
    assert ConclusionDraft.objects.count() == 1
    assert Contract.objects.count() == ContractData.objects.count() == 1


def test_going_back_before_the_end_changes_what_was_entered(person: Person) -> None:
    at = person.fill()
    other = trust.published_vehicle(oem=person.world.oem, owner=person.world.vehicle.owner)
    assert person.world.vehicle.row.pcid in person.client.get(f"{at}vehicle/").content.decode()
    person.post(f"{at}vehicle/", pcid=str(other.pcid))
    assert person.draft.pcid == str(other.pcid)
    assert person.draft.emaid == str(person.world.emaid)


def test_an_expired_session_loses_nothing(person: Person) -> None:
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    person.post(f"{at}typed/customer/", emaid="DE-MOB-halfway")
    person.client.logout()
    asked = person.post(f"{at}customer/", emaid=str(person.world.emaid))
    assert asked.headers["Location"] == f"/login/?next={at}customer/"
    person.log_in()
    page = person.client.get(f"{at}customer/").content.decode()
    assert "DE-MOB-halfway" in page
    assert person.world.vehicle.row.pcid in page
    assert ConclusionDraft.objects.count() == 1


def test_beginning_twice_makes_one_draft(person: Person) -> None:
    assert person.begin() == person.begin()
    assert ConclusionDraft.objects.count() == 1


def test_what_was_begun_is_found_again_or_thrown_away(person: Person) -> None:
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    second = person.begin()
    assert second != at
    assert "/conclude/unfinished/" in person.client.get(f"{second}vehicle/").content.decode()
    listed = person.client.get("/conclude/unfinished/").content.decode()
    assert f"{at}customer/" in listed
    assert person.post(f"{at}discard/").status_code == 302
    assert person.client.get(f"{at}vehicle/").status_code == 404
    assert at not in person.client.get("/conclude/unfinished/").content.decode()


def test_drafts_of_others_are_unknown(person: Person, another: Callable[..., Person]) -> None:
    at = person.conclude()
    stranger = another(contracts.mo().organization)
    colleague = another()
    for other in (stranger, colleague):
        for page in ("vehicle", "customer", "term", "confirm", "progress", "live"):
            assert other.client.get(f"{at}{page}/").status_code == 404
        for page in ("vehicle", "confirm", "discard", "again", "change", "typed/vehicle"):
            assert other.post(f"{at}{page}/", pcid="X", confirmed="on").status_code == 404
    tasks.conclude_draft(person.draft.pk)
    receipt = f"/conclude/receipt/{Contract.objects.get().pk}/"
    assert stranger.client.get(receipt).status_code == 404
    assert stranger.client.get("/conclude/receipt/999999/").status_code == 404
    assert colleague.client.get(receipt).status_code == 200
    assert person.client.get(f"/conclude/{uuid4()}/vehicle/").status_code == 404


def test_viewers_and_other_roles_are_refused(
    person: Person, another: Callable[..., Person]
) -> None:
    viewer = another(right=Right.VIEWER)
    oem = another(person.world.vehicle.owner)
    for other in (viewer, oem):
        assert other.client.get("/conclude/").status_code == 403
        assert 'href="/conclude/"' not in other.client.get("/").content.decode()
    assert not ConclusionDraft.objects.exists()


def test_the_receipt_says_what_the_customer_needs(
    person: Person, another: Callable[..., Person]
) -> None:
    contract = person.world.generate()
    page = another(right=Right.VIEWER).client.get(f"/conclude/receipt/{contract.pk}/")
    text = page.content.decode()
    for said in (person.world.emaid.display, contract.pcid, "How to activate it", "data-print"):
        assert said in text
    assert person.world.mo.organization.name in text
    listed = person.client.get(f"/contracts/{contract.pk}/").content.decode()
    assert f"/conclude/receipt/{contract.pk}/" in listed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"begins": ""}, "Choose a day."),
        ({"begins": "2020-01-01"}, "cannot begin in the past"),
        ({"ends": "2020-01-01"}, "cannot end before it begins"),
        ({"ends": "2999-01-01"}, "too far away"),
        ({"ends": "soon"}, "Enter a valid date."),
        ({"root": str(uuid4())}, "Select a valid choice."),
    ],
)
def test_a_term_that_cannot_be_stays_with_what_was_typed(
    person: Person, typed: dict[str, str], said: str
) -> None:
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    person.post(f"{at}customer/", emaid=str(person.world.emaid))
    answer = person.post(f"{at}term/", **(term() | typed))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert person.draft.ends is None


def test_one_root_may_be_chosen(person: Person) -> None:
    second = trust.v2g_ecosystem(purposes=(contracts.Purpose.CPS,))
    contracts.signer(second)
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    person.post(f"{at}customer/", emaid=str(person.world.emaid))
    page = person.client.get(f"{at}term/").content.decode()
    assert "Every V2G root of the vehicle (2)" in page
    person.post(f"{at}term/", **term(), root=str(second.root_row.uuid))
    person.post(f"{at}confirm/", confirmed="on")
    tasks.conclude_draft(person.draft.pk)
    assert ContractData.objects.get().root == second.root_row


# --- EMAID ----------------------------------------------------------------------------------------
def test_a_free_emaid_of_ours_with_its_check_digit_is_proposed(person: Person) -> None:
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    person.client.get(f"{at}customer/")
    first = Emaid.parse(person.draft.typed["emaid"])
    assert str(first.provider_id) == person.world.mo.provider_id
    assert first.given_check_digit == first.check_digit
    person.post(f"{at}customer/", propose="1", emaid="typed")
    assert Emaid.parse(person.draft.typed["emaid"]) != first


def test_the_proposal_is_of_the_chosen_provider_id(person: Person) -> None:
    organization, owned = person.world.mo.organization, ["DEAAA", "DEBBB"]
    for one in owned:
        participants.assign_provider_id(
            actor=parties.SYSTEM, organization=organization, provider_id=ProviderId.parse(one)
        )
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    for wanted in owned:
        person.post(f"{at}customer/", propose="1", provider_id=wanted)
        assert str(Emaid.parse(person.draft.typed["emaid"]).provider_id) == wanted


@pytest.mark.parametrize(
    ("emaid", "said"),
    [
        ("", "Take the proposed EMAID or enter one."),
        ("DE-MOB", "An EMAID looks like"),
        ("FRZZZC00000001", "FRZZZ is not a provider id of yours."),
        ("{used}", "is running already"),
    ],
)
def test_an_emaid_that_cannot_be_stays_at_its_field(person: Person, emaid: str, said: str) -> None:
    used = person.world.generate(emaid=person.world.mo.emaid())
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    answer = person.post(f"{at}customer/", emaid=emaid.format(used=used.emaid))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not person.draft.emaid


@pytest.mark.parametrize("required", [False, True])
def test_a_wrong_check_digit_is_a_warning_or_an_error_by_the_setting(
    person: Person, required: bool
) -> None:
    right = person.world.emaid
    wrong = right.key + ("A" if right.check_digit != "A" else "B")
    at = person.begin()
    person.post(f"{at}vehicle/", pcid=str(person.world.vehicle.pcid))
    with override_settings(EMAID_CHECK_DIGIT_REQUIRED=required):
        said = person.post(f"{at}typed/customer/", emaid=wrong).content.decode()
        answer = person.post(f"{at}customer/", emaid=wrong)
    assert "The check digit" in said
    assert answer.status_code == (422 if required else 302)
    assert person.draft.emaid == ("" if required else wrong)


# --- what goes wrong later ------------------------------------------------------------------------
def test_a_failure_says_what_to_do_and_may_be_tried_again(person: Person) -> None:
    at = person.conclude()
    signer = person.world.signer
    type(signer).objects.update(active=False)
    tasks.conclude_draft(person.draft.pk)
    assert (person.draft.state, person.draft.code) == (State.FAILED, "no_signer")
    live = person.client.get(f"{at}live/")
    assert live.status_code == 286
    assert "The operator has to set up a signing certificate" in live.content.decode()
    type(signer).objects.update(active=True)
    assert person.post(f"{at}again/").headers["Location"] == f"{at}progress/"
    person.post(f"{at}again/")
    tasks.conclude_draft(person.draft.pk)
    assert person.draft.state == State.STORED


def test_what_failed_may_be_changed(person: Person) -> None:
    at = person.conclude()
    person.world.generate()
    tasks.conclude_draft(person.draft.pk)
    assert (person.draft.state, person.draft.code) == (State.FAILED, "emaid_in_use")
    answer = person.post(f"{at}change/")
    assert answer.headers["Location"] == f"{at}customer/"
    assert person.draft.state == State.OPEN
    assert person.post(f"{at}change/").headers["Location"] == f"{at}progress/"


def test_a_contract_that_was_concluded_between_check_and_storing_is_not_replaced(
    person: Person,
) -> None:
    person.conclude()
    person.world.generate()
    before = ContractData.objects.get().certificate_fingerprint
    tasks.conclude_draft(person.draft.pk)
    assert (person.draft.state, person.draft.code) == (State.FAILED, "emaid_in_use")
    assert ContractData.objects.get().certificate_fingerprint == before


def test_who_lost_the_right_meanwhile_concludes_nothing(person: Person) -> None:
    person.conclude()
    person.user.is_active = False
    person.user.save()
    tasks.conclude_draft(person.draft.pk)
    assert (person.draft.state, person.draft.code) == (State.FAILED, "not_a_member")
    assert not Contract.objects.exists()


def test_a_worker_that_lost_its_lease_leaves_nothing(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.conclude()

    def taken_over(held: concluding._Held, stage: object) -> None:
        ConclusionDraft.objects.update(lease=uuid4())

    monkeypatch.setattr(concluding._Held, "reach", taken_over)
    tasks.conclude_draft(person.draft.pk)
    assert not Contract.objects.exists()
    assert person.draft.state == State.ORDERED


def test_the_sweep_takes_up_what_is_stranded_and_removes_what_is_old(person: Person) -> None:
    person.conclude()
    now = timezone.now()
    assert services.sweep(now=now) == 0
    assert services.sweep(now=now + timedelta(minutes=1)) == 1
    ConclusionDraft.objects.update(attempts=concluding.MAX_ATTEMPTS)
    services.sweep(now=now + timedelta(minutes=5))
    assert (person.draft.state, person.draft.code) == (State.FAILED, "abandoned")
    services.sweep(now=now + timedelta(days=6))
    assert ConclusionDraft.objects.exists()
    services.sweep(now=now + timedelta(days=8))
    assert not ConclusionDraft.objects.exists()


def test_an_ordered_contract_is_never_removed_for_its_age(person: Person) -> None:
    person.conclude()
    services.sweep(now=timezone.now() + timedelta(days=30))
    assert person.draft.state == State.ORDERED


def test_the_tasks_are_registered_under_the_names_that_are_enqueued() -> None:
    assert tasks.conclude_draft.name in queue.NAMES
    assert {tasks.conclude_draft.name, tasks.sweep_drafts.name} <= set(current_app.tasks)


def test_no_api_client_has_drafts(person: Person) -> None:
    client_actor = person.world.mo.actor
    assert ApiClient.objects.filter(client_id=client_actor.identifier).exists()
    assert not ConclusionDraft.objects.of(client_actor).exists()
