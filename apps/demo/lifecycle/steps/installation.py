"""Contract data on its way into vehicles."""

from base64 import b64decode

from apps.demo.lifecycle.backends import require
from apps.demo.lifecycle.steps.lifecycle import VERSION, Lifecycle


def install(run: Lifecycle) -> str:
    """OPCP getSignedContractData: the CPO trades each vehicle's request for its contract."""
    emaids = (run.generated, run.signed, run.signed_later)
    for vehicle, emaid in zip(run.vehicles, emaids, strict=True):
        found = vehicle.open(run.trade(vehicle))
        require(found.emaid == emaid, f"{vehicle.pcid} got {found.emaid}, not {emaid}")
        run.installed.append(found)
    return f"{len(run.installed)} installed, each key opens"


def install_default(run: Lifecycle) -> str:
    """The same for the vehicle with two contracts."""
    found = run.vehicles[0].open(run.trade(run.vehicles[0]))
    require(found.emaid == run.second, f"it got {found.emaid}, not the default")
    run.installed.append(found)
    return f"{found.emaid} installed"


def fetch(run: Lifecycle) -> str:
    """OPCP provideSignedContractData: the OEM's backend fetches what telematics installs."""
    vehicle = run.vehicles[0]
    path = f"/v1/ccp/provideSignedContractData/{run.generated}/{vehicle.pcid}"
    answer = run.cast.oem.call("GET", path, query={"sessionID": "00", **VERSION})
    found = vehicle.open(b64decode(answer["certificateInstallationRes"]))
    same = found.certificate == run.installed[0].certificate
    require(same, "the OEM got another contract than the charge point")
    return "the same certificate"
