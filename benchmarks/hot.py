"""What machines ask for every day, beside a view with the same authentication and one SELECT.

    python -m benchmarks.hot [--rows N] [--seconds N] [--rounds N]

On a PostgreSQL and a Valkey of its own, out of packages, two web workers, 8 clients. Vehicles are
drawn uniformly over a fleet of N with a contract each (`benchmarks.support.fleet`: all certificates
are real, most contracts are copied rows). In turns: the reference, which reads one row by its key
and answers with two members; contract data for an OEM backend (which also writes a delivery); a
vehicle's certificate with its chain; look-ups of vehicle, of contract and of the contracts of a
vehicle. Medians of the rounds. The bar: each 0.70 of the reference's rate.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import os
import statistics
import sys
from collections.abc import Mapping, Sequence

from benchmarks.support.asking import Ask, Run, ask
from benchmarks.support.load import server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql, valkey

BAR = 0.70
ROWS = 10_000
ROUNDS = 5
SECONDS = 3.0
WORKERS = 2
DRAWN = 2000
REFERENCE = "reference"


def prepare(size: int) -> dict[str, list[Ask]]:
    """Fill the database; return what is asked, by name."""
    from benchmarks.support import fleet

    made = fleet.Fleet(size)
    oem, mo = fleet.oem_token(made), fleet.mo_token(made)
    drawn = [(made.pcid(n), made.emaid(n)) for n in made.draw(DRAWN, seed=1)]
    ccp, pcp = "/v1/ccp", "/v1/oem/provCerts"
    provide, session = f"{ccp}/provideSignedContractData", "?sessionID=2A3DC6D75411F647"
    return {
        REFERENCE: [Ask.get(f"/v1/reference/{pcid}", oem) for pcid, _ in drawn],
        "provide contract data": [
            Ask.get(f"{provide}/{emaid}/{pcid}{session}", oem) for pcid, emaid in drawn
        ],
        "provCerts": [Ask.get(f"{pcp}/{pcid}", oem) for pcid, _ in drawn],
        "lookupVehicle": [Ask.get(f"{pcp}/lookupVehicle/{pcid}", oem) for pcid, _ in drawn],
        "lookupContract": [Ask.get(f"{ccp}/lookupContract/{emaid}", mo) for _, emaid in drawn],
        "contracts of a vehicle": [
            Ask.get(f"{ccp}/signedContractData/{pcid}", oem) for pcid, _ in drawn
        ],
    }


def measure(asked: Mapping[str, Sequence[Ask]], port: int, *, seconds: float, rounds: int) -> bool:
    """Ask in turns, print the medians; True where all reached the bar."""
    for each in asked.values():
        ask(port, each, seconds=1.0)
    found: list[dict[str, Run]] = []
    for place in range(rounds):
        # Turned round each time, so that what else the machine does falls on all alike.
        order = list(asked)[:: -1 if place % 2 else 1]
        found.append({name: ask(port, asked[name], seconds=seconds) for name in order})
    reached = True
    for name in asked:
        runs = [one[name] for one in found]
        share = statistics.median(one[name].rate / one[REFERENCE].rate for one in found)
        reached = reached and share >= BAR
        print(
            f"{name:24} {statistics.median(r.rate for r in runs):7,.0f} /s"
            f"  p50 {statistics.median(r.p50 for r in runs):5.1f} ms"
            f"  p99 {statistics.median(r.p99 for r in runs):5.1f} ms"
            f"  {share:5.2f} of the reference (bar {BAR:.2f})",
            flush=True,
        )
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    print_machine()
    with postgresql() as database, valkey() as cache:
        os.environ["BENCH_CACHE"] = cache
        use(database)
        asked = prepare(given.rows)
        with server(database, workers=WORKERS) as port:
            reached = measure(asked, port, seconds=given.seconds, rounds=given.rounds)
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
