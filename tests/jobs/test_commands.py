"""Commands that start jobs and follow them: exit codes, what they say, and being interrupted."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract
from apps.core.actor import Role
from apps.jobs import following
from apps.jobs.models import Job
from apps.oem import tasks as oem_tasks
from apps.participants.models import Organization
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import tasks as cps_tasks
from tests.factories import contracts, parties, pki, trust
from tests.factories.calls import forget_processes
from tests.oem.uploading import pem

pytestmark = pytest.mark.django_db

Look = Callable[[], None]


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    forget_processes()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """A worker that does a chunk of every open job whenever a command waits."""

    def arrange(task: Any) -> None:
        def work(seconds: float) -> None:
            for job in Job.objects.filter(state__in=following.OPEN):
                task(job.pk)

        monkeypatch.setattr(following, "sleep", work)

    return arrange


class Told:
    """What a command wrote, and how it ended."""

    def __init__(self, *, terminal: bool = False) -> None:
        self.out, self.err, self.code = io.StringIO(), io.StringIO(), 0
        if terminal:
            self.out.isatty = lambda: True  # type: ignore[method-assign]  # a terminal

    def run(self, *arguments: Any, **options: Any) -> "Told":
        try:
            call_command(*arguments, stdout=self.out, stderr=self.err, **options)
        except SystemExit as ended:
            self.code = int(str(ended.code))
        return self

    @property
    def said(self) -> str:
        return self.out.getvalue()

    @property
    def complained(self) -> str:
        return self.err.getvalue()


def maker() -> Organization:
    return parties.organization(wmis=["WVW"], name="Maker")


def files(folder: Path, made: trust.OemPki, count: int, wmi: str = "WVW") -> list[str]:
    paths = []
    for number in range(count):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = pki.make_leaf(made.pki, trust.pcid(wmi), key=key)
        path = folder / f"{wmi}{number}.pem"
        path.write_bytes(pem(made.pki.chain(leaf)))
        paths.append(str(path))
    return paths


def test_certificates_are_imported_for_an_organisation(
    tmp_path: Path, worker: Callable[[Any], None]
) -> None:
    worker(oem_tasks.publish_rows)
    owner, made = maker(), trust.oem_pki()
    told = Told().run("import_certificates", *files(tmp_path, made, 3), organization="Maker")
    assert told.code == 0
    assert "New vehicle: 3" in told.said
    assert "3 of 3 rows" in told.said
    assert "over" in told.said
    assert "\r" not in told.said
    assert ProvisioningCertificate.objects.filter(owner=owner).count() == 3
    event = AuditEvent.objects.filter(action="provisioning_pool.publish").first()
    assert event is not None
    assert (event.actor_kind, event.actor_id) == ("system", "manage.import_certificates")
    assert event.organization_id == owner.pk


def test_a_terminal_gets_a_bar(tmp_path: Path, worker: Callable[[Any], None]) -> None:
    worker(oem_tasks.publish_rows)
    owner = maker()
    paths = files(tmp_path, trust.oem_pki(), 1)
    told = Told(terminal=True).run("import_certificates", *paths, organization=str(owner.uuid))
    assert "\r[..............................] 0 of 1 rows" in told.said
    assert "\r[##############################] 1 of 1 rows" in told.said


def test_an_organisation_imports_only_what_is_its_own(
    tmp_path: Path, worker: Callable[[Any], None]
) -> None:
    worker(oem_tasks.publish_rows)
    maker()
    made = trust.oem_pki()
    paths = files(tmp_path, made, 1) + files(tmp_path, made, 1, wmi="WBA")
    with pytest.raises(CommandError, match="1 certificates or files could not be imported"):
        Told().run("import_certificates", *paths, organization="Maker")
    assert ProvisioningCertificate.objects.count() == 1
    parties.organization(roles=[Role.MO], name="No maker")
    with pytest.raises(CommandError, match="roles"):
        Told().run("import_certificates", *paths, organization="No maker")
    with pytest.raises(CommandError, match="There is no organisation"):
        Told().run("import_certificates", *paths, organization="Nobody")


def test_rows_that_fail_are_named_and_decide_the_exit_code(
    tmp_path: Path, worker: Callable[[Any], None]
) -> None:
    worker(oem_tasks.publish_rows)
    maker()
    # Nothing is known about the status, so the dry run lets it pass and the import does not.
    told = Told().run(
        "import_certificates", *files(tmp_path, trust.oem_pki(crls_of=()), 1), organization="Maker"
    )
    assert told.code == 1
    assert "row 1 WVW" in told.complained
    assert "revocation status is unknown" in told.complained


def test_interrupted_a_job_stops_and_can_be_resumed(
    tmp_path: Path, worker: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker()
    paths = files(tmp_path, trust.oem_pki(), 2)

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "sleep", interrupt)
    told = Told().run("import_certificates", *paths, organization="Maker")
    job = Job.objects.get()
    assert told.code == following.INTERRUPTED
    assert f"manage.py resume_job {job.uuid}" in told.complained
    assert (job.state, job.done) == (Job.State.CANCELLED, 0)
    worker(oem_tasks.publish_rows)
    assert Told().run("resume_job", str(job.uuid)).code == 0
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.DONE, 2)
    with pytest.raises(CommandError, match="no such job"):
        Told().run("resume_job", "nonsense")


def test_nobody_has_to_wait(tmp_path: Path) -> None:
    maker()
    paths = files(tmp_path, trust.oem_pki(), 1)
    told = Told().run("import_certificates", *paths, organization="Maker", no_wait=True)
    assert (told.code, Job.objects.get().state) == (0, Job.State.WAITING)
    assert str(Job.objects.get().uuid) in told.said


def test_contracts_are_concluded_from_a_file(tmp_path: Path, worker: Callable[[Any], None]) -> None:
    worker(cps_tasks.generate_rows)
    world = contracts.world()
    path = tmp_path / "list.csv"
    ends = trust.now().date().replace(year=trust.now().year + 1)
    emaid = world.mo.emaid()
    path.write_text(
        f"pcid,emaid,ends\n{world.vehicle.pcid},{emaid},{ends}\nWVWNOBODY00000001,,{ends}\n"
    )
    name = str(world.mo.organization.uuid)
    told = Told()
    with pytest.raises(CommandError, match="1 rows were not good"):
        told.run("conclude", str(path), organization=name)
    assert "row 2 WVWNOBODY00000001" in told.complained
    assert Contract.objects.get().emaid_key == emaid.key
    with pytest.raises(CommandError, match="roles"):
        Told().run("conclude", str(path), organization=str(world.vehicle.owner.uuid))


def test_renewals_are_started_and_followed(worker: Callable[[Any], None]) -> None:
    worker(cps_tasks.generate_rows)
    contracts.world()
    told = Told().run("renew")
    assert (told.code, told.said.strip()) == (0, "0 contracts to renew")
