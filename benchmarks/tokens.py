"""How many access tokens the token endpoint gives out in a second, on two workers.

    python -m benchmarks.tokens

Backends with a secret each post their credentials to /oauth/token, every one from an address of
its own, as behind a proxy: the limits count in a Valkey, the records stand in a PostgreSQL, both of
their own out of packages. Each answer is an ES256 JWT. Beside it, in the same run and in turns: a
view of the same server that answers one word; and the signature alone that each token cannot do
without, on one core. The bar is 300 tokens a second.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import os
import statistics
import sys
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.support.load import Call, rate, server, use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql, valkey

BAR = 300
BACKENDS = 1000  # 30 tokens a minute are for each
ROUNDS = 5
SECONDS = 4.0
WORKERS = 2
CLIENTS = 8


def prepare() -> list[Call]:
    """Backends of twenty MOs; each one's request for a token, with the address it comes from."""
    from tests.factories import parties

    mos = [parties.organization(provider_ids=[f"DE{number:03d}"]) for number in range(20)]
    calls = []
    for number in range(BACKENDS):
        client, secret = parties.client(organization=mos[number % len(mos)])
        body = {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": secret,
        }
        address = f"198.18.{number // 250}.{number % 250 + 1}"
        calls.append(Call.of("/oauth/token", body, {"X-Forwarded-For": address}))
    return calls


def bare_signatures() -> float:
    """ES256 signatures a second, on one core."""
    key = ec.generate_private_key(ec.SECP256R1())
    data, algorithm = b"x" * 700, ec.ECDSA(hashes.SHA256())
    started, count = time.perf_counter(), 5000
    for _ in range(count):
        key.sign(data, algorithm)
    return count / (time.perf_counter() - started)


def measure(database: str) -> float:
    """Print the figures of one run on that database; return the tokens a second."""
    use(database)
    calls = prepare()
    plain = [Call("/pki/plain", calls[0].body)]
    with server(database, workers=WORKERS) as port:
        for warmed in (plain, calls):
            rate(port, warmed, "", seconds=2.0, clients=CLIENTS)
        rounds = [
            tuple(rate(port, each, "", seconds=SECONDS, clients=CLIENTS) for each in (plain, calls))
            for _ in range(ROUNDS)
        ]
    issued = statistics.median(tokens for _, tokens in rounds)
    ratio = statistics.median(tokens / least for least, tokens in rounds)
    least = statistics.median(one for one, _ in rounds)
    print(f"signature alone    {bare_signatures():8.0f} signatures/s on one core")
    print(f"plain view         {least:8.0f} requests/s on {WORKERS} workers")
    print(f"token              {issued:8.0f} tokens/s on {WORKERS} workers (bar {BAR})")
    print(f"ratio              {ratio:8.2f} of the plain view")
    return issued


def main() -> None:
    print_machine()
    with postgresql() as database, valkey() as cache:
        os.environ |= {"BENCH_CACHE": cache, "BENCH_PROXIES": "1"}
        issued = measure(database)
    sys.exit(0 if issued >= BAR else 1)


if __name__ == "__main__":
    main()
