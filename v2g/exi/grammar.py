"""The EXI grammar of a declared type: which events each state has, in the order of their codes.

EXI 1.0, 8.5.4 (schema-informed grammars), not strict: a state of n events writes codes of
ceil(log2(n + 1)) bits, because the code n is the escape to deviations. The order in a state is
attributes, child elements in schema order (wildcards after names), end of element, text of mixed
content. Documents and fragments as such have no escape.

A type is a row of slots (attributes by name, then the content); a state is a slot and how often it
was filled. Events are numbered along that row, so the codes of a state are a run of event numbers:
code = event - first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from v2g.messages.schema import Attribute, ComplexType, Element, Field, Substitution


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the row: its alternatives (None where never read) and how often it is filled.

    `wire_maximum` is the bound that the states know, `maximum` the bound of the schema; None is no
    bound.
    """

    alternatives: tuple[Field | None, ...]
    first_event: int
    minimum: int
    maximum: int | None
    wire_maximum: int | None
    is_attribute: bool

    @property
    def repeated(self) -> bool:
        """Whether it can be filled more than once."""
        return self.maximum is None or self.maximum > 1


@dataclass(frozen=True, slots=True)
class State:
    """A run of event numbers; `width` bits tell them and the escape apart."""

    first: int
    count: int
    width: int

    @property
    def escape(self) -> int:
        """The code behind the last event."""
        return self.count

    def code(self, event: int) -> int:
        """The code of an event of this state."""
        return event - self.first


@dataclass(frozen=True, slots=True)
class Grammar:
    """The states of one type."""

    declaration: ComplexType
    slots: tuple[Slot, ...]
    end: int

    def after(self, slot: int, filled: int) -> tuple[int, int]:
        """The name of the state after slot `slot` was filled `filled` times; slot -1: the start."""
        if slot < 0:
            return -1, 0
        bound = self.slots[slot].wire_maximum
        return slot, min(filled, 1 if bound is None else bound)

    def state(self, name: tuple[int, int]) -> State:
        """The events that may follow."""
        slot, filled = name
        events = list(self._events(slot, filled))
        return State(events[0], len(events), width(len(events) + 1))

    def _events(self, index: int, filled: int) -> Iterator[int]:
        for number in range(max(index, 0), len(self.slots)):
            slot = self.slots[number]
            done = filled if number == index else 0
            if slot.wire_maximum is None or done < slot.wire_maximum:
                yield from range(slot.first_event, slot.first_event + len(slot.alternatives))
            if done < slot.minimum:
                if self.declaration.mixed and not slot.is_attribute:
                    yield self.end + 1
                return
        yield self.end
        if self.declaration.mixed:
            yield self.end + 1


def width(count: int) -> int:
    """The bits that tell `count` codes apart."""
    return (count - 1).bit_length()


def grammar(declared: ComplexType) -> Grammar:
    """The grammar of a declared type."""
    slots: list[Slot] = []
    event = 0
    for alternatives, minimum, maximum in _rows(declared):
        marker = alternatives[0].marker if alternatives[0] else None
        slots.append(
            Slot(
                alternatives=alternatives,
                first_event=event,
                minimum=minimum,
                maximum=maximum,
                wire_maximum=None
                if isinstance(marker, Element) and not marker.unrolled
                else maximum,
                is_attribute=isinstance(marker, Attribute),
            )
        )
        event += len(alternatives)
    return Grammar(declared, tuple(slots), event)


def _rows(declared: ComplexType) -> Iterator[tuple[tuple[Field | None, ...], int, int | None]]:
    for attribute in declared.attributes:
        yield (attribute,), int(attribute.required), 1
    if declared.text:
        yield (declared.text,), 1, 1
    children = list(declared.children)
    while children:
        child = children.pop(0)
        marker = child.marker
        if isinstance(marker, Substitution):
            yield (child,), 1, 1
        elif isinstance(marker, Element) and marker.choice:
            joined = [child, *(c for c in children if _choice(c) == marker.choice)]
            children = [c for c in children if _choice(c) != marker.choice]
            yield tuple(joined), 1, 1
        elif isinstance(marker, Element):
            unread = (None,) * len(marker.or_unread)
            yield (child, *unread), int(child.required), marker.max_occurs
    for _ in declared.unread:
        yield (None,), 0, None


def _choice(field: Field) -> str | None:
    return field.marker.choice if isinstance(field.marker, Element) else None
