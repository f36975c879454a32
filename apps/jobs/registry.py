"""Which task works off which kind of job. Higher apps register theirs; jobs knows none of them."""

from dataclasses import dataclass

from django.utils.functional import Promise

from apps.core import queue


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its task, what people call it, and which fields of a row name the row.

    Lists and CSV files of rows show those `columns` alone.
    """

    task: str
    title: str | Promise
    columns: tuple[str, ...] = ()


_KINDS: dict[str, Kind] = {}


def register(
    kind: str, *, task: str, title: str | Promise = "", columns: tuple[str, ...] = ()
) -> str:
    """Name the task that works off jobs of `kind`: `IMPORT = register("oem.import", task=...)`.

    The task takes the job's primary key, leases rows until none are left, and is idempotent.
    Raises ValueError for a kind that has another task.
    """
    made = Kind(queue.name(task), title or kind, columns)
    if _KINDS.setdefault(kind, made).task != task:
        raise ValueError(f"{kind} has another task")
    return kind


def task_of(kind: str) -> str:
    """Return the task of a kind. Raises LookupError for a kind that nobody registered."""
    return _KINDS[kind].task


def described(kind: str) -> Kind:
    """Return how a kind is shown; one that nobody registered keeps its own name."""
    return _KINDS.get(kind) or Kind("", kind)


def known_kinds() -> frozenset[str]:
    """Return the kinds that this process can work off."""
    return frozenset(_KINDS)
