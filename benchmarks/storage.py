"""What a vehicle and a contract weigh in PostgreSQL, against the octets that they carry.

    python -m benchmarks.storage [--rows N]

On a PostgreSQL of its own: vehicles with certificates of their own and a contract each
(`benchmarks.support.fleet`; most contracts are copied rows of the same size), after a vacuum.
Counted are the tables with what is stored beside them and all their indexes; of the content the
DER of the vehicle's certificate, and the EXI of the contract data. Audit and outbox are apart. The
bar: within 2.0 times of the content.
"""

# ruff: noqa: PLC0415  Django is set up before its models are imported

import argparse
import sys

from benchmarks.support.load import use
from benchmarks.support.machine import print_machine
from benchmarks.support.services import postgresql

BAR = 2.0
ROWS = 20_000
KINDS = {
    "vehicle": (["provisioning_pool_provisioningcertificate"], "der"),
    "contract": (["contract_pool_contractdata", "contract_pool_contract"], "exi"),
}


def measure(size: int) -> bool:
    """Fill the pools, print what each thing weighs; True where both are light enough."""
    from django.db import connection

    from benchmarks.support import fleet

    fleet.Fleet(size)
    reached = True
    with connection.cursor() as cursor:

        def number(sql: str) -> float:
            cursor.execute(sql)
            return float(cursor.fetchone()[0])

        for kind, (tables, content) in KINDS.items():
            octets = number(f"SELECT avg(octet_length({content})) FROM {tables[0]}")
            count = number(f"SELECT count(*) FROM {tables[0]}")
            indexes = sum(number(f"SELECT pg_indexes_size('{name}')") for name in tables) / count
            heap = sum(number(f"SELECT pg_table_size('{name}')") for name in tables) / count
            ratio = (heap + indexes) / octets
            reached = reached and ratio <= BAR
            print(
                f"{kind:9} carries {octets:6,.0f} octets, takes {heap + indexes:6,.0f}"
                f" (tables {heap:,.0f}, indexes {indexes:,.0f}): {ratio:.2f} times (bar {BAR})"
            )
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    print_machine()
    with postgresql() as database:
        use(database)
        reached = measure(given.rows)
        from django.db import connection

        connection.close()
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
