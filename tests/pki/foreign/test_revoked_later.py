"""A vehicle whose certificate its car maker revokes after it was published and has a contract."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.admin import site

from apps.contract_pool.models import Contract
from apps.core.actor import Role
from apps.core.errors import Invalid
from apps.pki import tasks
from apps.pki.models import ForeignCrl, IssuedCertificate
from apps.provisioning_pool import selectors
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import contracts, parties, pki, trust
from tests.factories.calls import Caller, messages
from tests.factories.status_services import StatusServer
from tests.pki.foreign import vehicles
from tests.pki.foreign.openssl import REVOKED, Known, make_crl
from tests.pki.foreign.vehicles import Maker
from v2g.messages.iso2 import ResponseCode
from v2g.protocol import ISO_2_MSGDEF

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=7)
TEXT = "The OEM provisioning certificate is revoked."
LIST = "/sub2.crl"


@dataclass(frozen=True)
class Scene:
    """The car maker, the vehicle with a contract, and the server of the car maker's list."""

    maker: Maker
    world: contracts.World
    server: StatusServer
    folder: Path

    def revoke(self) -> None:
        """The car maker's next list names the vehicle."""
        serial = self.world.vehicle.chain[0].serial
        known = Known(self.maker.made.sub2, {serial: REVOKED})
        self.server.serve(LIST, make_crl(self.folder, known))

    @property
    def pcid(self) -> str:
        return str(self.world.vehicle.pcid)

    @property
    def row(self) -> ProvisioningCertificate:
        return ProvisioningCertificate.objects.get(pcid=self.pcid)

    def read(self) -> Any:
        return self.caller(Role.MO).get(f"{vehicles.PATH}/{self.pcid}")

    def look_up(self) -> Any:
        return self.caller(Role.MO).get(f"{vehicles.PATH}/lookupVehicle/{self.pcid}")

    def install(self) -> Any:
        request = base64.b64encode(self.world.car.request()).decode()
        body = {"certificateInstallationReq": request, "xsdMsgDefNamespace": ISO_2_MSGDEF}
        header = {"alwaysReturnEXI": "true"}
        return self.caller(Role.CPO).post("/v1/ccp/signedContractData", body, header)

    def provide(self) -> Any:
        path = f"/v1/ccp/provideSignedContractData/{self.world.emaid}/{self.pcid}"
        return self.maker.backend.get(path, {"sessionID": "00"})

    def caller(self, role: Role) -> Caller:
        return Caller(parties.organization(roles=[role]))


@pytest.fixture
def scene(tmp_path: Path, status_server: StatusServer) -> Scene:
    maker = vehicles.make()
    status_server.serve(LIST, make_crl(tmp_path, Known(maker.made.sub2, {})))
    leaf = maker.vehicle(pki.make_serial(), crl_url=status_server.url(LIST))
    row = maker.publish(leaf)
    vehicle = trust.Vehicle(row, leaf.key, maker.made.chain(leaf), maker.organization)
    v2g, mo = trust.v2g_ecosystem(), contracts.mo()
    oem = trust.OemPki(maker.made, row.root)
    world = contracts.World(v2g, contracts.signer(v2g), mo, oem, vehicle, mo.emaid())
    world.generate()
    # The lists of the CAs above are served by nobody here.
    above = ForeignCrl.objects.exclude(issuer_fingerprint=maker.made.sub2.certificate.fingerprint)
    above.update(next_try_at=None)
    return Scene(maker, world, status_server, tmp_path)


def sweep() -> None:
    with time_machine.travel(trust.now() + LATER):
        tasks.refresh_status()


def test_everybody_is_served_until_then(scene: Scene) -> None:
    sweep()
    answers = (scene.read(), scene.look_up(), scene.install(), scene.provide())
    assert [answer.status_code for answer in answers] == [200] * 4
    assert selectors.refusal(scene.row, at=trust.now()) is None


def test_what_the_sweep_learnt_is_refused_by_every_read(scene: Scene) -> None:
    scene.revoke()
    sweep()
    for answer in (scene.read(), scene.look_up()):
        assert (answer.status_code, messages(answer)) == (400, [TEXT])
    installed = scene.install()
    assert installed.status_code == 404
    (entry,) = installed.json()["CCPResponse"]["emaidContent"]
    stream = base64.b64decode(entry["messageDef"]["certificateInstallationRes"])
    failed = contracts.installed(stream).response_code
    assert failed is ResponseCode.FAILED_CERTIFICATE_REVOKED
    assert scene.provide().status_code == 404


def test_no_contract_data_is_made_for_it_any_more(scene: Scene) -> None:
    scene.revoke()
    sweep()
    with pytest.raises(Invalid) as refused:
        scene.world.generate()
    assert refused.value.code == "vehicle_revoked"


def test_new_contract_data_asks_before_any_sweep(scene: Scene, settings: Any) -> None:
    settings.STATUS_REUSE_S = 0
    scene.revoke()
    with pytest.raises(Invalid) as refused:
        scene.world.generate()
    assert refused.value.code == "vehicle_revoked"
    assert IssuedCertificate.objects.filter(common_name=str(scene.world.emaid)).count() == 1


def test_new_contract_data_asks_nobody_while_the_answer_is_young(scene: Scene) -> None:
    scene.world.generate()
    before = len(scene.server.asked)
    scene.world.generate()
    assert len(scene.server.asked) == before


def test_it_stays_in_the_pools_and_says_why_it_is_refused(scene: Scene) -> None:
    scene.revoke()
    sweep()
    refusal = selectors.refusal(scene.row, at=trust.now())
    assert refusal is not None
    assert (refusal.code, refusal.message) == ("revoked", TEXT)
    assert Contract.objects.running().count() == 1
    page = site._registry[ProvisioningCertificate].page(scene.row, trust.operator_person())  # type: ignore[attr-defined]  # ours
    assert [str(badge.text) for badge in page.badges] == ["Valid", "Revoked"]


def test_the_same_certificate_is_not_published_again(scene: Scene) -> None:
    scene.revoke()
    sweep()
    leaf = pki.Holder(scene.world.vehicle.chain[0], scene.world.vehicle.key)
    again = scene.maker.put(leaf)
    assert (again.status_code, messages(again)) == (400, [TEXT])
    assert scene.maker.backend.delete(f"{vehicles.PATH}/{scene.pcid}").status_code == 200
    assert scene.maker.refusal(leaf) == TEXT
