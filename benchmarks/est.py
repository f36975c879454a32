"""How many certificates simpleenroll gives out in a second, on two workers.

    python -m benchmarks.est

Stations of one CPO enrol with a bearer token: each request is checked, its intent committed, the
certificate linted and signed by our CPO Sub2, stored and audited, on a PostgreSQL of its own out of
a package. Beside it, in the same run: the signatures alone that each enrolment cannot do without
(that of the request verified, the draft's and the certificate's made), on one core. The bar is 300
enrolments a second.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import statistics
import sys
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.support.load import Call, rate, server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

BAR = 300
STATIONS = 100
ROUNDS = 5
SECONDS = 4.0
WORKERS = 2


def prepare() -> tuple[list[Call], str]:
    """Signing requests of stations, made beforehand, and the token of their operator."""
    from apps.core.actor import Role
    from tests.factories import pki, trust
    from tests.factories.trust import Purpose
    from tests.pki.enrolment import csr, party

    trust.v2g_ecosystem(purposes=[Purpose.CPO])
    cpo = party(roles=[Role.CPO], operator_ids=["DEICE"])
    calls = [
        Call(
            "/.well-known/est/cpo/simpleenroll",
            csr(f"DE*ICE*E{number:06d}", key=pki.make_key(f"station {number}")),
        )
        for number in range(STATIONS)
    ]
    return calls, cpo.token


def bare_signatures() -> float:
    """Enrolments a second if only the signatures of one were made, on one core."""
    key = ec.generate_private_key(ec.SECP256R1())
    public, data, algorithm = key.public_key(), b"x" * 500, ec.ECDSA(hashes.SHA256())
    signature = key.sign(data, algorithm)
    started, count = time.perf_counter(), 2000
    for _ in range(count):
        public.verify(signature, data, algorithm)
        key.sign(data, algorithm)
        key.sign(data, algorithm)
    return count / (time.perf_counter() - started)


def measure(database: str) -> float:
    """Print the figures of one run on that database; return the enrolments a second."""
    use(database)
    calls, token = prepare()
    with server(database, workers=WORKERS) as port:
        rate(port, calls, token, seconds=2.0)
        rounds = [rate(port, calls, token, seconds=SECONDS, clients=8) for _ in range(ROUNDS)]
    enrolled = statistics.median(rounds)
    print(f"signatures alone   {bare_signatures():8.0f} enrolments/s on one core")
    print(f"simpleenroll       {enrolled:8.0f} enrolments/s on {WORKERS} workers (bar {BAR})")
    return enrolled


def main() -> None:
    print_machine()
    with postgresql() as database:
        enrolled = measure(database)
    sys.exit(0 if enrolled >= BAR else 1)


if __name__ == "__main__":
    main()
