"""From the dry run into the pool: once, in the background, with an outcome for each row."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core.actor import Right
from apps.jobs.models import Job, JobRow
from apps.oem import services
from apps.oem.models import UploadBatch, UploadRow
from apps.oem.services.publishing import work_off
from apps.participants import services as participants
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import pki, trust
from tests.oem.conftest import Maker
from tests.oem.uploading import UPLOAD, address, chain, checked, leaf, only_row, pem
from v2g.pki.builder import Subject
from v2g.pki.profiles import OEM_LEAF

Result = UploadRow.Result


def imported(maker: Maker, batch: UploadBatch, **typed: str) -> Job:
    """Press the button and let a worker do the rows."""
    answer = maker.client.post(address(batch), typed)
    assert answer.status_code == 302, answer.content.decode()
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.uuid}/"
    work_off(job_id=job.pk)
    job.refresh_from_db()
    return job


def upload(maker: Maker, *holders: pki.Holder, **typed: str) -> UploadBatch:
    files = {f"{n}.pem": pem(chain(maker.oem, one)) for n, one in enumerate(holders)}
    return checked(maker.client, files, **typed)


def without_pcid(maker: Maker) -> pki.Holder:
    """A vehicle's certificate whose common name is none: our own builder would refuse it."""
    holder = leaf(maker.oem)
    draft = pki.draft_like(holder, OEM_LEAF, subject=Subject("not a PCID", "Test", "DE"))
    sub2 = maker.oem.pki.sub2
    return pki.Holder(pki.forge(draft, sub2, sub2.key), holder.key)


def pool() -> dict[str, bytes]:
    return {row.pcid: bytes(row.der) for row in ProvisioningCertificate.objects.all()}


def test_what_passed_is_published_and_the_rest_stays_behind(maker: Maker) -> None:
    good, expired = leaf(maker.oem), leaf(maker.oem, at=trust.now() - timedelta(days=60), days=30)
    batch = upload(maker, good, expired)
    assert batch.counts == {Result.NEW: 1, Result.FAILED: 1}
    assert batch.rows.get(result=Result.FAILED).code == "expired"
    job = imported(maker, batch)
    assert (job.state, job.total, job.done, job.failed) == (Job.State.DONE, 1, 1, 0)
    assert pool() == {good.certificate.common_name: good.der}
    assert ProvisioningCertificate.objects.get().owner == maker.organization
    event = AuditEvent.objects.get(action="provisioning_pool.publish")
    assert (event.actor_kind, event.actor_id) == ("person", str(maker.user.pk))
    assert JobRow.objects.get().message == "Published."


def test_only_certificates_go_into_the_rows_of_the_job(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    maker.client.post(address(batch))
    given = JobRow.objects.get().input
    assert set(given) == {"pcid", "file", "vehicle", "sub2", "sub1"}


def test_pressing_twice_and_coming_back_starts_one_job(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    first, second = (maker.client.post(address(batch)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1
    assert maker.client.get(address(batch)).headers["Location"] == first.headers["Location"]
    assert maker.client.post(address(batch), {"discard": "1"}).status_code == 302
    assert UploadBatch.objects.exists()


def test_a_renewal_with_the_same_key_takes_the_place_of_the_present_one(maker: Maker) -> None:
    old = leaf(maker.oem)
    imported(maker, upload(maker, old))
    Job.objects.all().delete()
    new = leaf(maker.oem, old.certificate.common_name, key=old.key)
    batch = upload(maker, new)
    assert only_row(batch).result == Result.RENEWS
    imported(maker, batch)
    assert pool() == {old.certificate.common_name: new.der}
    assert JobRow.objects.get().message == "Renewed."


def test_a_new_key_is_imported_only_when_it_is_meant(maker: Maker) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    new = leaf(maker.oem, str(vehicle.pcid))
    batch = upload(maker, new)
    assert only_row(batch).result == Result.REKEYS
    answer = maker.client.post(address(batch))
    assert answer.status_code == 422
    assert "Say that the contracts of these vehicles may end." in answer.content.decode()
    assert not Job.objects.exists()
    imported(maker, batch, rekeys="1")
    assert pool() == {str(vehicle.pcid): new.der}


def test_what_the_pool_has_already_is_not_imported_again(maker: Maker) -> None:
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization)
    batch = checked(maker.client, {"a.pem": pem(vehicle.chain)})
    assert only_row(batch).result == Result.SAME
    answer = maker.client.post(address(batch))
    assert (answer.status_code, Job.objects.count()) == (422, 0)


def test_what_the_vehicle_carries_stays_known_through_a_renewal(maker: Maker) -> None:
    key_id = bytes.fromhex("aa" * 20)
    vehicle = trust.published_vehicle(oem=maker.oem, owner=maker.organization, v2g_roots=[key_id])
    new = leaf(maker.oem, str(vehicle.pcid), key=vehicle.key)
    imported(maker, upload(maker, new))
    assert ProvisioningCertificate.objects.get().v2g_roots == [key_id.hex()]


def test_an_upload_for_one_vehicle_takes_no_other(maker: Maker) -> None:
    one, other = leaf(maker.oem), leaf(maker.oem)
    page = maker.client.get(f"{UPLOAD}?pcid={one.certificate.common_name}").content.decode()
    assert f'name="pcid" value="{one.certificate.common_name}"' in page
    batch = upload(maker, one, other, pcid=one.certificate.common_name)
    assert batch.rows.get(result=Result.NEW).pcid == one.certificate.common_name
    assert batch.rows.get(result=Result.FAILED).code == "other_vehicle"


@pytest.mark.parametrize("case", ["foreign WMI", "no PCID", "two for one", "another root"])
def test_what_cannot_be_imported_says_why_and_what_to_do(maker: Maker, case: str) -> None:
    holders = {
        "foreign WMI": [leaf(maker.oem, trust.pcid("WBA"))],
        "no PCID": [without_pcid(maker)],
        "two for one": [leaf(maker.oem, "WVWTWICE000000001") for _ in range(2)],
        "another root": [],
    }[case]
    stranger = trust.oem_pki(trusted=False)
    files = {f"{n}.pem": pem(chain(maker.oem, one)) for n, one in enumerate(holders)}
    files = files or {"a.pem": pem(stranger.pki.chain(leaf(stranger)))}
    batch = checked(maker.client, files)
    code = {"foreign WMI": "foreign_wmi", "no PCID": "pcid", "two for one": "pcid_twice"}
    assert {row.code for row in batch.rows.all()} == {code.get(case, "signature_invalid")}
    assert batch.counts == {Result.FAILED: max(1, len(holders))}
    page = maker.client.get(address(batch)).content.decode()
    assert '<strong class="pp-repair">' in page


def test_a_pcid_that_another_maker_published_is_refused(maker: Maker, other: Maker) -> None:
    vehicle = trust.published_vehicle(
        oem=maker.oem, owner=other.organization, pcid_text="WBA" + "1" * 14
    )
    ProvisioningCertificate.objects.filter(pk=vehicle.row.pk).update(pcid="WVW" + "1" * 14)
    row = only_row(upload(maker, leaf(maker.oem, "WVW" + "1" * 14)))
    assert (row.code, row.checks["pool"]) == ("foreign_owner", "failed")


def test_a_certificate_known_to_be_revoked_fails_the_dry_run(maker: Maker) -> None:
    holder = leaf(maker.oem)
    trust.keep_crl(maker.oem.pki.sub2, revoked=[holder.certificate])
    row = only_row(upload(maker, holder))
    assert (row.code, row.checks["status"]) == ("revoked", "failed")


def test_a_status_that_nobody_knows_yet_is_asked_at_the_import(maker: Maker) -> None:
    fresh = trust.oem_pki(crls_of=())
    row = only_row(checked(maker.client, {"a.pem": pem(fresh.pki.chain(leaf(fresh)))}))
    assert (row.result, row.checks["status"]) == (Result.NEW, "open")


def test_a_row_that_fails_at_the_import_keeps_its_reason(maker: Maker) -> None:
    good, late = leaf(maker.oem), leaf(maker.oem)
    batch = upload(maker, good, late)
    trust.keep_crl(
        maker.oem.pki.sub2, revoked=[late.certificate], at=trust.now() + timedelta(seconds=1)
    )
    job = imported(maker, batch)
    assert (job.done, job.failed) == (1, 1)
    failed = job.rows.get(state=JobRow.State.FAILED)
    assert (failed.code, failed.input["pcid"]) == ("revoked", late.certificate.common_name)
    assert "is revoked" in failed.message


def test_rights_are_read_again_when_the_rows_are_worked_off(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    maker.client.post(address(batch))
    participants.set_member_right(
        actor=trust.operator_person(),
        organization=maker.organization,
        user=maker.user,
        right=Right.VIEWER,
    )
    job = Job.objects.get()
    work_off(job_id=job.pk)
    assert job.rows.get().code == "right"
    assert not pool()


def test_a_row_done_twice_changes_nothing(maker: Maker) -> None:
    holder = leaf(maker.oem)
    job = imported(maker, upload(maker, holder))
    Job.objects.update(state=Job.State.RUNNING, done=0)
    JobRow.objects.update(state=JobRow.State.WAITING)
    work_off(job_id=job.pk)
    assert JobRow.objects.get().message == "Unchanged."
    assert AuditEvent.objects.filter(action="provisioning_pool.publish").count() == 1


def test_an_import_asks_for_its_worker(
    maker: Maker, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append((name, args)))
    batch = upload(maker, leaf(maker.oem))
    with django_capture_on_commit_callbacks(execute=True):
        maker.client.post(address(batch))
    assert sent == [("oem.publish_rows", [Job.objects.get().pk])]


def test_drafts_are_listed_discarded_and_forgotten(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    assert address(batch) in maker.client.get(UPLOAD).content.decode()
    answer = maker.client.post(address(batch), {"discard": "1"})
    assert answer.headers["Location"] == UPLOAD
    assert maker.client.get(address(batch)).status_code == 404
    late = upload(maker, leaf(maker.oem))
    services.sweep(now=timezone.now())
    assert UploadBatch.objects.exists()
    services.sweep(now=timezone.now() + timedelta(days=1, seconds=1))
    assert not UploadBatch.objects.exists()
    assert maker.client.get(address(late)).status_code == 404


def test_an_expired_draft_is_not_imported(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    UploadBatch.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = maker.client.post(address(batch))
    assert answer.status_code == 409
    assert "a day old" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_person_keeps_ten_drafts(maker: Maker) -> None:
    batches = [upload(maker, leaf(maker.oem)) for _ in range(11)]
    kept = set(UploadBatch.objects.values_list("pk", flat=True))
    assert kept == {batch.pk for batch in batches[1:]}


def test_a_foreign_upload_is_as_unknown_as_a_wrong_one(maker: Maker, other: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    unknown = f"{UPLOAD}00000000-0000-4000-8000-000000000000/"
    for tail in ("", "rows.csv"):
        foreign, missing = other.client.get(address(batch) + tail), other.client.get(unknown + tail)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    for typed in ({}, {"discard": "1"}):
        assert other.client.post(address(batch), typed).status_code == 404
    assert not Job.objects.exists()
    assert address(batch) not in other.client.get(UPLOAD).content.decode()
    maker.client.post(address(batch))
    job = Job.objects.get()
    assert other.client.get(f"/jobs/{job.uuid}/").status_code == 404


def test_a_session_that_ended_leads_back_to_the_dry_run(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    maker.client.logout()
    answer = maker.client.post(address(batch))
    assert answer.headers["Location"] == f"/login/?next={address(batch)}"
    assert not Job.objects.exists()


def test_viewers_import_nothing(maker: Maker) -> None:
    batch = upload(maker, leaf(maker.oem))
    assert maker.another(Right.VIEWER).post(address(batch)).status_code == 403
    assert maker.another(Right.EDITOR).post(address(batch)).status_code == 302
