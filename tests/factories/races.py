"""Several callers at the same time, each on a database connection of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from apps.core.errors import DomainError


def outcomes(calls: Sequence[Callable[[], object]]) -> Counter[str]:
    """Run the calls at once; each ends with "done" or the code of its refusal."""

    def run(call: Callable[[], object]) -> str:
        try:
            call()
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))
