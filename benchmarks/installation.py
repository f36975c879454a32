"""How fast a charge point's request is answered, against the least that such a request can be.

    python -m benchmarks.installation

Both are measured on the same server, in turns: POST /v1/ccp/signedContractData, which decodes EXI,
verifies the vehicle's signature, picks the contract and writes the delivery; and a view with the
same authentication, one indexed SELECT and one one-row INSERT. The bar is 0.40 of its rate.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import base64
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.support.load import Call, rate, server, use
from benchmarks.support.machine import print_machine

BAR = 0.40
VEHICLES = 60
ROUNDS = 5
SECONDS = 4.0


def prepare() -> tuple[list[Call], list[Call], str]:
    """Vehicles of a foreign car maker with a contract each; their requests, signed beforehand."""
    from apps.participants import selectors, tokens
    from tests.factories import contracts, parties, trust
    from v2g.protocol import ISO_2_MSGDEF

    world = contracts.world()
    vehicles = [
        trust.published_vehicle(oem=world.oem, owner=world.vehicle.owner) for _ in range(VEHICLES)
    ]
    install: list[Call] = []
    reference: list[Call] = []
    for vehicle in vehicles:
        world.generate(pcid=vehicle.pcid, emaid=world.mo.emaid())
        car = contracts.Car(vehicle, [world.v2g.root.certificate])
        body: dict[str, Any] = {
            "certificateInstallationReq": base64.b64encode(car.request()).decode(),
            "xsdMsgDefNamespace": ISO_2_MSGDEF,
        }
        install.append(Call.of("/v1/ccp/signedContractData", body))
        reference.append(Call.of(f"/v1/reference/{vehicle.pcid}", body))
    cpo = parties.organization(operator_ids=["DEABC"])
    client, _ = parties.client(organization=cpo)
    actor = selectors.actor_of_client(client.client_id)
    return install, reference, tokens.issue(actor, audience="http://testserver")


def main() -> None:
    print_machine()
    with tempfile.TemporaryDirectory(prefix="plugpool-bench-") as folder:
        database = Path(folder) / "bench.sqlite3"
        use(database)
        install, reference, token = prepare()
        with server(database) as port:
            for calls in (install, reference):
                rate(port, calls, token, seconds=1.0)
            rounds = [
                (
                    rate(port, reference, token, seconds=SECONDS),
                    rate(port, install, token, seconds=SECONDS),
                )
                for _ in range(ROUNDS)
            ]
    ratio = statistics.median(measured / least for least, measured in rounds)
    print(f"reference view     {statistics.median(r for r, _ in rounds):8.0f} requests/s")
    print(f"installation       {statistics.median(i for _, i in rounds):8.0f} requests/s")
    print(f"ratio              {ratio:8.2f} (bar {BAR:.2f})")
    sys.exit(0 if ratio >= BAR else 1)


if __name__ == "__main__":
    main()
