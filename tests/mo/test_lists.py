"""Many contracts from a CSV file: a dry run with a result per row, then one job."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.contract_pool.models import Contract
from apps.core import queue
from apps.core.actor import Right
from apps.jobs import registry
from apps.jobs.models import Job, JobRow
from apps.mo import list_files, services
from apps.mo.models import ConclusionList
from apps.mo.services import listing
from apps.provisioning_service import tasks as cps_tasks
from tests.factories import contracts, trust
from tests.mo.conftest import Person

LISTS = "/contract-lists/"


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def hand_in(person: Person, octets: bytes) -> Any:
    return person.post(LISTS, file=SimpleUploadedFile("list.csv", octets))


def checked(person: Person, octets: bytes) -> ConclusionList:
    answer = hand_in(person, octets)
    assert answer.status_code == 302, answer.content.decode()
    found = ConclusionList.objects.latest("pk")
    assert answer.headers["Location"] == f"{LISTS}{found.uuid}/"
    return found


def lines(*rows: str, head: str = "pcid,emaid,begins,ends,root") -> bytes:
    return "\n".join([head, *rows]).encode()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_is_checked_and_concluded(person: Person, separator: str, mark: bytes) -> None:
    world = person.world
    rows = lines(
        f"{world.vehicle.row.pcid},{world.emaid.display},{day()},{day(90)},",
        f"{world.vehicle.row.pcid[:5].lower()} {world.vehicle.row.pcid[5:]},,,{day(90)},",
    )
    found = checked(person, mark + rows.replace(b",", separator.encode()))
    page = person.client.get(f"{LISTS}{found.uuid}/").content.decode()
    assert "This is a dry run. Nothing has been concluded." in page
    assert "Conclude 2 contracts" in page
    assert not Contract.objects.exists()
    answer = person.post(f"{LISTS}{found.uuid}/")
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.uuid}/"
    cps_tasks.generate_rows(job.pk)
    job.refresh_from_db()
    assert (job.kind, job.state, job.done, job.failed) == ("mo.conclude", "done", 2, 0)
    assert Contract.objects.filter(emaid=str(world.emaid)).count() == 1
    assert Contract.objects.filter(mo=world.mo.organization).count() == 2


def test_pressing_twice_starts_one_job(person: Person) -> None:
    found = checked(person, lines(f"{person.world.vehicle.row.pcid},,,{day(9)},"))
    first, second = (person.post(f"{LISTS}{found.uuid}/") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1
    assert "Open the job" in person.client.get(f"{LISTS}{found.uuid}/").content.decode()


def test_each_row_says_what_is_wrong_and_the_good_ones_are_concluded(person: Person) -> None:
    world = person.world
    pcid, used = world.vehicle.row.pcid, world.generate(emaid=world.mo.emaid())
    other = trust.v2g_ecosystem(purposes=())
    key_id = other.root.certificate.extensions.subject_key_id
    assert key_id is not None
    elsewhere = trust.published_vehicle(
        oem=world.oem, owner=world.vehicle.owner, v2g_roots=[key_id]
    )
    twin = world.mo.emaid()
    cases = [
        (f"{pcid},,,{day(9)},", ""),
        (f"short,,,{day(9)},", "17 or 18 letters and digits"),
        (f"XXX99999999999999,,,{day(9)},", "No vehicle has this PCID."),
        (f"{pcid},DE-X,,{day(9)},", "An EMAID looks like"),
        (f"{pcid},FRZZZC00000001,,{day(9)},", "is not a provider id of yours"),
        (f"{pcid},{used.emaid},,{day(9)},", "is running already"),
        (f"{pcid},{twin},,{day(9)},", "more than once"),
        (f"{pcid},{twin.key},,{day(9)},", "more than once"),
        (f"{pcid},,,,", "ends needs a day"),
        (f"{pcid},,2020-01-01,{day(9)},", "begins lies in the past"),
        (f"{pcid},,{day(9)},{day(8)},", "ends lies before begins"),
        (f"{pcid},,,3000-01-01,", "too far away"),
        (f"{pcid},,,{day(9)},nothing", "root names no V2G root"),
        (f"{elsewhere.row.pcid},,,{day(9)},", "does not carry this V2G root"),
        (f"{pcid},,,31.12.2099,{world.v2g.root_row.uuid}", ""),
    ]
    found = checked(person, lines(*(row for row, _ in cases)))
    for row, (_, said) in zip(found.rows, cases, strict=True):
        assert said in row["error"], row
        assert bool(row["error"]) == bool(said)
    services.conclude_list(actor=person.actor, checked=found)
    assert Job.objects.get().total == 2


def test_a_row_whose_emaid_was_taken_after_the_dry_run_fails_and_replaces_nothing(
    person: Person,
) -> None:
    world = person.world
    found = checked(person, lines(f"{world.vehicle.row.pcid},{world.emaid},,{day(9)},"))
    before = world.generate()
    job = services.conclude_list(actor=person.actor, checked=found)
    cps_tasks.generate_rows(job.pk)
    assert JobRow.objects.get().code == "emaid_in_use"
    assert Contract.objects.get().ends == before.ends


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"", "The first line must name the columns. Missing: pcid, ends."),
        (b"\xff\xfe\x00", "Save the file as UTF-8"),
        (b"pcid,ends\x00", "This is no CSV file."),
        (b"pcid,ends", "There is no row below the first line."),
        (b"pcid,ends,colour\nx,y,z", "may name these columns"),
        (b"pcid,pcid,ends\nx,y,z", "may name these columns"),
        (b'pcid,ends\n"x"y,z', "Line 2 is no CSV"),
        (b"pcid,ends\n" + b"x,y\n" * (list_files.MAX_ROWS + 1), "A list may have 20,000 rows."),
        (b"pcid,ends\n" + b"x" * 200_000 + b",y", "is no CSV"),
        (b"pcid,ends\n" + b"x,y\n" * 1_300_000, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(
    person: Person, octets: bytes, said: str
) -> None:
    answer = hand_in(person, octets)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ConclusionList.objects.exists()


def test_the_file_of_results_is_safe_in_a_spreadsheet_and_may_come_back(person: Person) -> None:
    pcid = person.world.vehicle.row.pcid
    found = checked(person, lines(f"{pcid},,,{day(9)},", f"{pcid},=1+1,,{day(9)},"))
    answer = person.client.get(f"{LISTS}{found.uuid}/rows.csv")
    octets = answer.getvalue()
    cells = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"))))
    assert cells[0] == ["pcid", "emaid", "begins", "ends", "root", "result"]
    assert cells[1][2:4] == [day(), day(9)]
    assert cells[2][1] == "'=1+1"
    again = checked(person, octets)
    assert [row["emaid"] for row in again.rows] == [row["emaid"] for row in found.rows]


def test_a_file_of_the_list_of_contracts_may_come_back(person: Person) -> None:
    pcid = person.world.vehicle.row.pcid
    head = "pcid,emaid,begins,ends,default,state,metadata"
    ends = timezone.now() + timedelta(days=9)
    row = (
        f"{pcid},{person.world.emaid},{timezone.now().isoformat()},{ends.isoformat()},True,running,"
    )
    found = checked(person, lines(row, head=head))
    assert found.rows[0]["error"] == ""
    assert person.client.get(f"{LISTS}{found.uuid}/").content.decode().count(day(9)) == 1


def test_the_template_names_the_columns_that_are_read(person: Person) -> None:
    octets = b"".join(person.client.get(f"{LISTS}template.csv").streaming_content)  # type: ignore[attr-defined]
    assert list_files.read(octets)[0].keys() == set(list_files.COLUMNS)


def test_what_is_in_a_file_is_shown_as_text(person: Person) -> None:
    found = checked(person, lines("<script>alert(1)</script>,{{7*7}},'\");alert(1)//,soon,"))
    page = person.client.get(f"{LISTS}{found.uuid}/").content.decode()
    assert "<SCRIPT>" not in page.upper().replace("<SCRIPT SRC", "").replace("<SCRIPT TYPE", "")
    assert "{{7*7}}" in page


def test_lists_of_others_are_unknown_and_viewers_have_none(
    person: Person, another: Callable[..., Person]
) -> None:
    found = checked(person, lines(f"{person.world.vehicle.row.pcid},,,{day(9)},"))
    for other in (another(), another(contracts.mo().organization)):
        for page in ("", "rows.csv"):
            assert other.client.get(f"{LISTS}{found.uuid}/{page}").status_code == 404
        assert other.post(f"{LISTS}{found.uuid}/").status_code == 404
    assert another(right=Right.VIEWER).client.get(LISTS).status_code == 403
    assert another(person.world.vehicle.owner).client.get(LISTS).status_code == 403
    assert not Job.objects.exists()


def test_lists_are_limited_by_the_hour(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LISTS_PER_HOUR", 1)
    octets = lines(f"{person.world.vehicle.row.pcid},,,{day(9)},")
    assert hand_in(person, octets).status_code == 302
    assert hand_in(person, octets).status_code == 429


def test_old_lists_are_removed(person: Person) -> None:
    checked(person, lines(f"{person.world.vehicle.row.pcid},,,{day(9)},"))
    services.sweep(now=timezone.now() + timedelta(days=8))
    assert not ConclusionList.objects.exists()


def test_the_kind_of_job_has_the_task_of_the_provisioning_service() -> None:
    assert registry.task_of(listing.KIND) == cps_tasks.generate_rows.name
    assert cps_tasks.generate_rows.name in queue.NAMES


def exported(person: Person, query: str = "") -> bytes:
    answer = person.client.get(f"/contracts/export.csv{query}")
    assert answer.status_code == 200
    return answer.getvalue()


def test_the_file_of_contracts_is_a_list_of_what_runs_already(person: Person) -> None:
    contract = person.world.generate(emaid=person.world.mo.emaid())
    begun = timezone.now() - timedelta(days=9)
    Contract.objects.filter(pk=contract.pk).update(begins=begun)
    found = checked(person, exported(person))
    page = person.client.get(f"{LISTS}{found.uuid}/").content.decode()
    (row,) = found.rows
    assert row["error"] == ""
    assert row["done"] == "This contract runs already. There is nothing to do."
    assert "1 row runs already" in page
    assert "Conclude 1 contract" not in page


def test_an_ended_contract_of_the_file_is_concluded_anew(person: Person) -> None:
    contract = person.world.generate(emaid=person.world.mo.emaid())
    Contract.objects.filter(pk=contract.pk).update(
        state=Contract.State.ENDED, begins=timezone.now() - timedelta(days=9)
    )
    found = checked(person, exported(person))
    (row,) = found.rows
    assert (row["error"], row["done"]) == ("", "")
    assert row["note"] == "It has ended and is concluded anew."
    assert row["begins"] >= day(-1)
    job = services.conclude_list(actor=person.actor, checked=found)
    cps_tasks.generate_rows(job.pk)
    assert Contract.objects.running().get().emaid == contract.emaid


def test_an_ended_contract_whose_term_is_over_wants_a_new_last_day(person: Person) -> None:
    contract = person.world.generate(emaid=person.world.mo.emaid())
    Contract.objects.filter(pk=contract.pk).update(
        state=Contract.State.ENDED,
        begins=timezone.now() - timedelta(days=9),
        ends=timezone.now() - timedelta(days=2),
    )
    (row,) = checked(person, exported(person)).rows
    assert "Write its new last day into ends." in row["error"]


def test_the_file_of_results_may_be_handed_in_again(person: Person) -> None:
    first = checked(person, lines(f"{person.world.vehicle.row.pcid},,,{day(9)},"))
    answer = person.client.get(f"{LISTS}{first.uuid}/rows.csv")
    again = checked(person, answer.getvalue())
    assert again.rows[0]["error"] == ""
    assert again.rows[0]["emaid"] == first.rows[0]["emaid"]


def test_the_failed_rows_of_a_job_may_be_handed_in_again(person: Person) -> None:
    world = person.world
    found = checked(person, lines(f"{world.vehicle.row.pcid},{world.emaid},,{day(9)},"))
    job = services.conclude_list(actor=person.actor, checked=found)
    world.generate()
    cps_tasks.generate_rows(job.pk)
    answer = person.client.get(f"/jobs/{job.uuid}/failed.csv")
    (row,) = checked(person, answer.getvalue()).rows
    assert row["pcid"] == world.vehicle.row.pcid
    assert "is running already" in row["error"]
