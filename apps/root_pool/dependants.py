"""What hangs on a root, told by the apps above, which this one does not import.

Who confirms a removal is shown these counts first.
"""

from collections.abc import Callable

from apps.root_pool.models import RootCertificate

Counter = Callable[[RootCertificate], int]

_counters: dict[str, Counter] = {}


def register(what: str, counter: Counter) -> None:
    """Let an app count its rows below a root; called in its AppConfig.ready."""
    _counters[what] = counter


def count(root: RootCertificate) -> dict[str, int]:
    """Count what hangs on the root, by the name it was registered under."""
    return {what: counter(root) for what, counter in sorted(_counters.items())}
