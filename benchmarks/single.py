"""Publishing a vehicle and generating contract data over REST, one of them with each request.

    python -m benchmarks.single [--rows N] [--rounds N]

On a PostgreSQL and a Valkey of its own, out of packages, two web workers, 8 clients. Every request
is about another vehicle: PUT /v1/oem/provCerts with a new certificate and its sub-CAs, whose status
is known from CRLs that were fetched; PUT /v1/cps/generate/signedContractData for a vehicle without
a contract. Beside them, in turns: the cryptography that each cannot do without, in two processes
(`benchmarks.support.bare`). Medians of the rounds. The bars: 350 and 250 a second.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.support import bare
from benchmarks.support.asking import Ask, ask_all
from benchmarks.support.load import server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql, valkey

BARS = {"publish": 350, "generate": 250}
FLOORS = {"publish": bare.checked, "generate": bare.contract}
STATUSES = {"publish": 200, "generate": 201}
ROWS = 600
ROUNDS = 5
WORKERS = 2
WARM_UP = 100
Asked = dict[str, list[Ask]]


def prepare(count: int) -> Asked:
    """Fill the database; return `count` requests of each kind."""
    from benchmarks.support import fleet as fleets

    made = fleets.Fleet(fleets.BY_THE_SERVICE)
    oem, mo = fleets.oem_token(made), fleets.mo_token(made)
    bodies = {"publish": _publications(made, count), "generate": _orders(made, count)}
    paths = {
        "publish": ("/v1/oem/provCerts", oem),
        "generate": ("/v1/cps/generate/signedContractData", mo),
    }
    return {
        name: [
            Ask.post(path, json.dumps(body).encode(), token, method="PUT") for body in bodies[name]
        ]
        for name, (path, token) in paths.items()
    }


def _publications(made: Any, count: int) -> Iterator[dict[str, str]]:
    """New certificates of the car maker, made beforehand."""
    from base64 import b64encode

    from apps.demo.fleet.casting import Mould, Terms
    from tests.factories import trust

    now, maker = trust.now(), made.maker
    ends = now + timedelta(days=1000)
    terms = Terms("Car maker", now, ends, maker.ocsp_url, maker.crl_url)
    mould = Mould(terms, pcid=f"{maker.wmi}{0:014d}", issuer=maker.sub2, key=maker.key)
    above = {"subCA2Certificate": maker.sub2.der, "subCA1Certificate": maker.sub1.der}
    shared = {name: b64encode(der).decode() for name, der in above.items()}
    for number in range(1, count + 1):
        key = ec.generate_private_key(bare.P256).public_key()
        der, _ = mould.cast(f"{maker.wmi}{number:014d}", key)
        yield {"vehicleCertificate": b64encode(der).decode(), **shared}


def _orders(made: Any, count: int) -> Iterator[dict[str, str]]:
    """Contracts for vehicles of the fleet that have none."""
    from apps.demo import fleet
    from tests.factories import trust
    from v2g.protocol import ISO_2_MSGDEF

    list(fleet.add_vehicles(maker=made.maker, count=count))
    begins = trust.now()
    ends = begins + timedelta(days=300)
    for number in range(made.size + 1, made.size + count + 1):
        yield {
            "xsdMsgDefNamespace": ISO_2_MSGDEF,
            "pcid": made.pcid(number),
            "emaid": made.emaid(number),
            "contractBegins": begins.isoformat(),
            "contractEnds": ends.isoformat(),
        }


def measure(asked: Asked, port: int, *, rows: int, rounds: int) -> bool:
    """Ask in turns, print the medians; True where both reached the bar."""
    for name, each in asked.items():
        ask_all(port, each[:WARM_UP], status=STATUSES[name])
    rates: dict[str, list[float]] = {name: [] for name in asked}
    p99s: dict[str, list[float]] = {name: [] for name in asked}
    floors: dict[str, list[float]] = {name: [] for name in asked}
    for place in range(WARM_UP, WARM_UP + rows * rounds, rows):
        for name, each in asked.items():
            floors[name].append(bare.rate(FLOORS[name], processes=WORKERS, seconds=0.7))
            run = ask_all(port, each[place : place + rows], status=STATUSES[name])
            rates[name].append(run.rate)
            p99s[name].append(run.p99)
    for name, bar in BARS.items():
        rate, floor = statistics.median(rates[name]), statistics.median(floors[name])
        p99 = statistics.median(p99s[name])
        print(f"{name:10} {rate:7,.0f} /s (bar {bar})  p99 {p99:6.1f} ms,", end="")
        print(f" {rate / floor:.2f} of bare cryptography ({floor:,.0f} /s)", flush=True)
    return all(statistics.median(rates[name]) >= bar for name, bar in BARS.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=ROWS, help="requests of a kind in a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    print_machine()
    with postgresql() as database, valkey() as cache:
        os.environ["BENCH_CACHE"] = cache
        use(database)
        asked = prepare(WARM_UP + given.rows * given.rounds)
        with server(database, workers=WORKERS) as port:
            reached = measure(asked, port, rows=given.rows, rounds=given.rounds)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
