"""Requests of each operation on an own, a foreign and an unknown object."""

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from apps.core.actor import Role
from apps.provisioning_pool.checks import Chain
from tests.factories import contracts, trust
from tests.provisioning_pool.bodies import publication
from tests.rights.world import UNKNOWN_EMAID, UNKNOWN_PCID, Call, World
from v2g.protocol import ISO_2_MSGDEF

Make = Callable[[World, Role], Call]


def at(path: str, body: Any = None) -> dict[str, Make]:
    """An operation without objects of its own."""
    return {"own": lambda world, role: Call(path, body)}


def of_vehicle(template: str, body: Any = None) -> dict[str, Make]:
    def of(pcid: object) -> Call:
        return Call(template.format(pcid=pcid), body)

    return {
        "own": lambda world, role: of(world.own.vehicle.pcid),
        "foreign": lambda world, role: of(world.foreign.vehicle.pcid),
        "unknown": lambda world, role: of(UNKNOWN_PCID),
    }


def of_contract(template: str) -> dict[str, Make]:
    def of(emaid: object, pcid: object) -> Call:
        return Call(template.format(emaid=emaid, pcid=pcid), {})

    return {
        "own": lambda world, role: of(world.own.emaid, world.own.vehicle.pcid),
        "foreign": lambda world, role: of(world.foreign.emaid, world.foreign.vehicle.pcid),
        "unknown": lambda world, role: of(UNKNOWN_EMAID, world.own.vehicle.pcid),
    }


def of_webhook(template: str, body: Any = None) -> dict[str, Make]:
    def of(endpoint: object, delivery: object) -> Call:
        return Call(f"/v1/webhook/endpoints/{template.format(endpoint, delivery)}", body)

    return {
        "own": lambda world, role: of(
            world.webhooks[role].endpoint.uuid, world.webhooks[role].uuid
        ),
        "foreign": lambda world, role: of(
            world.foreign_webhook.endpoint.uuid, world.foreign_webhook.uuid
        ),
        "unknown": lambda world, role: of(uuid.UUID(int=7), uuid.UUID(int=8)),
    }


def of_job(template: str, body: Any = None) -> dict[str, Make]:
    def of(job: object) -> Call:
        return Call(f"/v1/jobs/{template.format(job)}", body)

    return {
        "own": lambda world, role: of(world.jobs[role].uuid),
        "foreign": lambda world, role: of(world.foreign_job.uuid),
        "unknown": lambda world, role: of(uuid.UUID(int=9)),
    }


def publications() -> dict[str, Make]:
    def of(world: contracts.World) -> Call:
        leaf, sub2, sub1 = (certificate.der for certificate in world.vehicle.chain)
        return Call("/v1/oem/provCerts", publication(Chain(vehicle=leaf, sub2=sub2, sub1=sub1)))

    def new(world: World, role: Role) -> Call:
        chain = trust.chain_of(world.new_vehicle, world.own.oem.pki)
        return Call("/v1/oem/provCerts", publication(chain))

    return {
        "own": lambda world, role: of(world.own),
        "foreign": lambda world, role: of(world.foreign),
        "unknown": new,
    }


def signing(path: str) -> dict[str, Make]:
    def of(world: World, kind: str, pcid: object) -> Call:
        body = {"contractData": world.data[kind], "pcid": str(pcid)}
        return Call(path, body | {"xsdMsgDefNamespace": ISO_2_MSGDEF})

    return {
        "own": lambda world, role: of(world, "own", world.own.vehicle.pcid),
        "foreign": lambda world, role: of(world, "foreign", world.foreign.vehicle.pcid),
        "unknown": lambda world, role: of(world, "own", UNKNOWN_PCID),
    }


def generating() -> dict[str, Make]:
    def of(emaid: object, pcid: object) -> Call:
        now = trust.now()
        body = {
            "emaid": str(emaid),
            "pcid": str(pcid),
            "contractBegins": now.isoformat(),
            "contractEnds": (now + timedelta(days=200)).isoformat(),
            "xsdMsgDefNamespace": ISO_2_MSGDEF,
        }
        return Call("/v1/cps/generate/signedContractData", body)

    return {
        "own": lambda world, role: of(world.own.emaid, world.own.vehicle.pcid),
        "foreign": lambda world, role: of(world.foreign.emaid, world.foreign.vehicle.pcid),
        "unknown": lambda world, role: of(world.own.mo.emaid(), UNKNOWN_PCID),
    }


def storing() -> dict[str, Make]:
    def of(world: World, kind: str, emaid: object, pcid: object) -> Call:
        body = {
            "emaid": str(emaid),
            "pcid": str(pcid),
            "signedContractDataXML": base64.b64encode(world.signed[kind]).decode(),
            "xsdMsgDefNamespace": ISO_2_MSGDEF,
        }
        return Call("/v1/ccp/signedContractData", body)

    return {
        "own": lambda world, role: of(world, "own", world.own.emaid, world.own.vehicle.pcid),
        "foreign": lambda world, role: of(
            world, "foreign", world.foreign.emaid, world.foreign.vehicle.pcid
        ),
        "unknown": lambda world, role: of(world, "own", world.own.emaid, UNKNOWN_PCID),
    }


def installing() -> dict[str, Make]:
    def of(car: contracts.Car) -> Call:
        request = base64.b64encode(car.request()).decode()
        body = {"certificateInstallationReq": request, "xsdMsgDefNamespace": ISO_2_MSGDEF}
        return Call("/v1/ccp/signedContractData", body)

    return {
        "own": lambda world, role: of(world.own.car),
        "foreign": lambda world, role: of(world.foreign.car),
        "unknown": lambda world, role: of(world.unpublished),
    }


def submission() -> dict[str, Make]:
    def new(world: World, role: Role) -> Call:
        der = base64.b64encode(world.new_root).decode()
        return Call("/v1/root/rootCerts", {"caCertificate": der, "rootType": "OEM"})

    return {"own": new}


def roots() -> dict[str, Make]:
    return {
        "own": lambda world, role: Call(f"/v1/root/rootCerts/{world.own.v2g.root_row.uuid}"),
        "unknown": lambda world, role: Call(f"/v1/root/rootCerts/{uuid.UUID(int=7)}"),
    }
