"""Which task works off which kind of job. Higher apps register theirs; jobs knows none of them."""

from apps.core import queue

_TASKS: dict[str, str] = {}


def register(kind: str, *, task: str) -> str:
    """Name the task that works off jobs of `kind`: `IMPORT = register("oem.import", task=...)`.

    The task takes the job's primary key, leases rows until none are left, and is idempotent.
    Raises ValueError for a kind that has another task.
    """
    if _TASKS.setdefault(kind, queue.name(task)) != task:
        raise ValueError(f"{kind} has another task")
    return kind


def task_of(kind: str) -> str:
    """Return the task of a kind. Raises LookupError for a kind that nobody registered."""
    return _TASKS[kind]


def known_kinds() -> frozenset[str]:
    """Return the kinds that this process can work off."""
    return frozenset(_TASKS)
