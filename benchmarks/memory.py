"""Whether web workers grow: their resident size over many requests.

    python -m benchmarks.memory [--requests N] [--rows N]

On a PostgreSQL and a Valkey of its own, two web workers. After a warm-up of a tenth of the requests
(20,000; `--requests 100000` takes the full number) installations and certificates of vehicles are
asked for, in turns, and the size of the workers is read ten times. The bar: at the end at most 1.05
times of what it was after the warm-up.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import os
import sys
from itertools import cycle, islice
from pathlib import Path

from benchmarks.support.asking import Ask, ask_all
from benchmarks.support.load import server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql, valkey

BAR = 1.05
REQUESTS = 20_000
ROWS = 5000
WORKERS = 2
DRAWN = 1000
PARTS = 10


def prepare(size: int) -> list[Ask]:
    """Fill the database; return requests of vehicles drawn uniformly."""
    from benchmarks.support import fleet

    made = fleet.Fleet(size)
    numbers = made.draw(DRAWN, seed=1)
    oem, cpo = fleet.oem_token(made), fleet.cpo_token()
    install = made.asked(numbers, token=cpo)["installation"]
    read = [Ask.get(f"/v1/oem/provCerts/{made.pcid(n)}", oem) for n in numbers]
    return [one for pair in zip(install, read, strict=True) for one in pair]


def resident() -> int:
    """The resident octets of the web workers: of all Pythons that descend from this process."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it ended meanwhile
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    total = 0
    for pid in parents:
        above = pid
        while above in parents and above != os.getpid():
            above = parents[above]
        command = Path(f"/proc/{pid}/cmdline")
        if above == os.getpid() and pid != above and b"granian" in command.read_bytes():
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def measure(asked: list[Ask], port: int, *, requests: int) -> float:
    """Ask, print the size after each part; return the growth after the warm-up."""
    rotating = cycle(asked)
    part = requests // PARTS
    ask_all(port, list(islice(rotating, part)))
    first = last = resident()
    print(f"{part:>8,} requests {first / 2**20:7.1f} MiB")
    for number in range(1, PARTS):
        ask_all(port, list(islice(rotating, part)))
        last = resident()
        print(f"{part * (number + 1):>8,} requests {last / 2**20:7.1f} MiB", flush=True)
    return last / first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    print_machine()
    with postgresql() as database, valkey() as cache:
        os.environ["BENCH_CACHE"] = cache
        use(database)
        asked = prepare(given.rows)
        with server(database, workers=WORKERS) as port:
            growth = measure(asked, port, requests=given.requests)
    print(f"growth {growth:.3f} (bar {BAR})")
    sys.exit(0 if growth <= BAR else 1)


if __name__ == "__main__":
    main()
