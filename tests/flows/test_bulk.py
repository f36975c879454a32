"""Many contracts at once, worked off by a real Celery worker over a real Valkey."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from apps.demo.lifecycle.server import Server
from tests.demo.processes import ROOT
from tests.flows.test_ecosystem import backend
from v2g.ids import Emaid, ProviderId

pytestmark = pytest.mark.stack


def test_a_list_of_vehicles_gets_contracts_from_a_worker(
    server: Server, ecosystem: dict[str, Any], http: httpx.Client
) -> None:
    mo = next(one for one in ecosystem["organizations"] if one["name"] == "Chargewell")
    provider_id = ProviderId.parse(mo["provider_ids"][0])
    now = datetime.now(UTC)
    period = {"begins": now.isoformat(), "ends": (now + timedelta(days=90)).isoformat()}
    pcids = [vehicle["pcid"] for vehicle in ecosystem["vehicles"]]
    emaids = [str(Emaid.compose(provider_id, f"CBULK{number:04d}")) for number in range(13)]
    rows = [
        {"pcid": pcid, "emaid": emaid, **period}
        for pcid, emaid in zip([*pcids, "AURNOSUCHVEHICLE0"], emaids, strict=True)
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.bulk", mo["users"][0]["username"], mo["name"]],
        cwd=ROOT,
        env=server.environment,
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == {"state": "done", "done": 12, "failed": {emaids[-1]: "vehicle_unknown"}}
    client = backend(ecosystem, http, "MO", mo["name"])
    for emaid in emaids[:-1]:
        client.call("GET", f"/v1/ccp/lookupContract/{emaid}")
    client.call("GET", f"/v1/ccp/lookupContract/{emaids[-1]}", expect=404)
