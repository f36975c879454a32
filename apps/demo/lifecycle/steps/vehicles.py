"""Vehicles: published by their maker, looked up by who concludes contracts for them."""

from apps.demo.lifecycle.backends import require
from apps.demo.lifecycle.own_ca import base64
from apps.demo.lifecycle.steps.lifecycle import VEHICLES, VERSION, Lifecycle
from apps.demo.lifecycle.vehicle import Vehicle

NUMBER = 3


def publish(run: Lifecycle) -> str:
    """OPCP addProvCert, each vehicle with a key of its own."""
    v2g = run.v2g_roots()
    for number in range(1, NUMBER + 1):
        pki = run.oem_pki
        leaf = pki.leaf(f"{run.cast.wmi}{run.mark}{number:04d}")
        chain = (leaf.certificate, pki.sub2.certificate, pki.sub1.certificate)
        names = ("vehicleCertificate", "subCA2Certificate", "subCA1Certificate")
        body = {name: base64(one.der) for name, one in zip(names, chain, strict=True)}
        run.cast.oem.call("PUT", VEHICLES, {**body, **VERSION})
        run.vehicles.append(Vehicle(leaf.certificate.common_name, leaf.key, chain, v2g))
    return f"{run.vehicles[0].pcid} to {run.vehicles[-1].pcid[-4:]}"


def look_up(run: Lifecycle) -> str:
    """OPCP lookupVehicle and getProvCert; the MO checks the chain against the RCP itself."""
    for vehicle in run.vehicles:
        run.cast.mo.call("GET", f"{VEHICLES}/lookupVehicle/{vehicle.pcid}")
        fetched = run.provisioning_chain(run.cast.mo, vehicle.pcid)
        require(fetched == vehicle.chain, "the pool holds another chain")
    return "all end in a root of the RCP"


def withdraw(run: Lifecycle) -> str:
    """OPCP deleteProvCert: the vehicle leaves the PCP and takes its contract with it."""
    vehicle = run.vehicles[1]
    run.cast.oem.call("DELETE", f"{VEHICLES}/{vehicle.pcid}")
    run.cast.mo.call("GET", f"{VEHICLES}/{vehicle.pcid}", expect=404)
    run.cast.own_ca_mo.call("GET", f"/v1/ccp/lookupContract/{run.signed}", expect=404)
    return "its contract is gone with it"
