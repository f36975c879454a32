"""From declarations to code: two functions for every type reachable from the roots.

The source is generated from the declarations of this package alone, once, at import; nothing of a
message ever takes part in it. Straight code without tables is what makes pure Python fast enough
for this.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Final

from v2g.errors import ExiError
from v2g.exi import datatypes
from v2g.exi.get_source import GetSource
from v2g.exi.grammar import grammar
from v2g.exi.put_source import PutSource
from v2g.messages.schema import Substitution, declaration, is_declared

# What Python raises when a field holds a value of another type than its annotation says.
_MISTYPED: Final = (TypeError, AttributeError, KeyError, ValueError, IndexError)

Put = Callable[[int, list[bytes], Any], int]
Get = Callable[[bytes, int], tuple[Any, int]]


class Compiled:
    """The functions of all types reachable from `roots`."""

    def __init__(self, roots: Iterable[type]) -> None:
        """Generate and load them."""
        types = list(_reachable(roots))
        names = {cls: f"{cls.__module__.rpartition('.')[2]}_{cls.__name__}" for cls in types}
        self._names = names
        self._scope: dict[str, Any] = {"ExiError": ExiError, "MISTYPED": _MISTYPED}
        self._scope |= vars(datatypes)
        sources = []
        for cls, name in names.items():
            self._scope[name] = cls
            if issubclass(cls, Enum):
                self._scope[f"CODES_{name}"] = {member: i for i, member in enumerate(cls)}
                self._scope[f"VALUES_{name}"] = tuple(cls)
                continue
            states = grammar(declaration(cls))
            sources += [PutSource(states, names).source(), GetSource(states, names).source()]
        self.source = "\n\n\n".join(sources)
        code = compile(self.source, "<v2g.exi grammars>", "exec")
        exec(code, self._scope)  # noqa: S102  # our own declarations, no input
        for cls in types:
            if is_declared(cls):
                self._link_groups(cls)

    def put(self, cls: type) -> Put:
        """The function that writes values of `cls`."""
        function: Put = self._scope[f"put_{self._names[cls]}"]
        return function

    def get(self, cls: type) -> Get:
        """The function that reads values of `cls`."""
        function: Get = self._scope[f"get_{self._names[cls]}"]
        return function

    def _link_groups(self, cls: type) -> None:
        for field in declaration(cls).children:
            if isinstance(field.marker, Substitution):
                codes = {c: field.marker.group.index(_element(c)) for c in field.classes}
                name = field.marker.name
                self._scope[f"MEMBERS_{name}"] = {c: (n, self.put(c)) for c, n in codes.items()}
                self._scope[f"READERS_{name}"] = {n: self.get(c) for c, n in codes.items()}


def _element(cls: type) -> str:
    return declaration(cls).element_name


def _reachable(roots: Iterable[type]) -> Iterator[type]:
    seen: dict[type, None] = {}
    waiting = list(roots)
    while waiting:
        cls = waiting.pop()
        if cls in seen:
            continue
        seen[cls] = None
        if is_declared(cls):
            for field in declaration(cls).fields:
                waiting += [c for c in field.classes if is_declared(c) or issubclass(c, Enum)]
    return iter(seen)
