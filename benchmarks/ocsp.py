"""How fast the OCSP responder gives out a stored answer, against a plain Django view.

    python -m benchmarks.ocsp

Both on the same server, in turns: POST /pki/ocsp without a nonce for one of 200 certificates, and
a view that answers one word, on the same lean middleware. The bar is 0.60 of its rate. Answers
that are signed for one asker (with a nonce) are measured beside it.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.support.load import Call, rate, server, use
from benchmarks.support.machine import print_machine

BAR = 0.60
CERTIFICATES = 200
ROUNDS = 5
SECONDS = 3.0


def prepare() -> tuple[list[Call], list[Call]]:
    """Make certificates of one authority; requests about them without a nonce, and with one."""
    from apps.core.actor import system
    from apps.pki import services
    from tests.factories import pki, trust
    from tests.factories.trust import Purpose
    from v2g.pki import ocsp
    from v2g.pki.profiles import CPS_LEAF

    actor = system("benchmark")
    authority = trust.v2g_ecosystem(purposes=[Purpose.CPS]).sub2[Purpose.CPS]
    services.roll_responder(actor=actor, authority=authority)
    begins = trust.now()
    order = services.Order(
        profile=CPS_LEAF,
        common_name="CPS",
        public_key=pki.make_key("cps").public_key(),
        not_before=begins,
        not_after=begins + timedelta(days=90),
    )
    issued = services.issue_many(actor=actor, authority=authority, orders=[order] * CERTIFICATES)
    issuer = authority.certificate
    asked = [ocsp.build_request(row.certificate, issuer) for row in issued]
    fresh = [ocsp.build_request(row.certificate, issuer, nonce=b"n" * 16) for row in issued]
    return [Call("/pki/ocsp", body) for body in asked], [Call("/pki/ocsp", body) for body in fresh]


def main() -> None:
    print_machine()
    with tempfile.TemporaryDirectory(prefix="plugpool-bench-") as folder:
        database = Path(folder) / "bench.sqlite3"
        use(database)
        stored, fresh = prepare()
        plain = [Call("/pki/plain", stored[0].body)]
        with server(database) as port:
            for calls in (plain, stored, fresh):
                rate(port, calls, "", seconds=2.0)
            rounds = [
                tuple(rate(port, calls, "", seconds=SECONDS) for calls in (plain, stored, fresh))
                for _ in range(ROUNDS)
            ]
    ratio = statistics.median(answered / least for least, answered, _ in rounds)
    for name, place in (("plain view", 0), ("stored answer", 1), ("with a nonce", 2)):
        print(f"{name:18} {statistics.median(one[place] for one in rounds):8.0f} requests/s")
    print(f"ratio              {ratio:8.2f} (bar {BAR:.2f})")
    sys.exit(0 if ratio >= BAR else 1)


if __name__ == "__main__":
    main()
