"""Source code that reads a type: one straight function per declared class.

The function takes the padded stream and the offset of the next bit; it returns the value and the
offset behind it. A state of one event is a check of one bit; in any other state the variable `e`
holds the number of the next event.
"""

from enum import Enum

from v2g.exi.datatypes import CAN_BE_EMPTY, FUNCTIONS
from v2g.exi.grammar import Grammar, Slot, State, width
from v2g.messages.schema import Datatype, Field, Substitution, Text

_EMPTY: int = -1  # the event of the escape, where a type can be empty


class GetSource:
    """Writes the lines of one function."""

    def __init__(self, grammar: Grammar, names: dict[type, str]) -> None:
        """Begin at the start state; `names` are the names of the classes in the generated code."""
        self._grammar = grammar
        self._names = names
        self._lines: list[str] = []
        self._indent = 1
        self._event: int | None = None  # the next event, where it is known; else `e` holds it
        self._text = grammar.declaration.text

    def source(self) -> str:
        """The whole function; an error on its way out learns the name of the type."""
        declared = self._grammar.declaration
        self._block("try:")
        self._read_event((-1, 0))
        for number, slot in enumerate(self._grammar.slots):
            if self._text and slot.alternatives == (self._text,):
                self._get_text(self._text)
            elif any(slot.alternatives):
                self._get_slot(number, slot)
        if not self._text:
            self._expect(self._grammar.end)
        arguments = ", ".join(f"{f.python_name}=v_{f.python_name}" for f in declared.fields)
        self._line(f"return {self._names[declared.cls]}({arguments}), pos")
        self._end_block()
        self._block("except ExiError as error:")
        self._line(f"raise error.inside({declared.name!r})")
        head = f"def get_{self._names[declared.cls]}(data, pos):"
        return "\n".join([head, *self._lines])

    def _get_slot(self, number: int, slot: Slot) -> None:
        fields = [field for field in slot.alternatives if field]
        if len(fields) > 1:
            self._get_choice(number, slot, fields)
        elif slot.repeated:
            self._get_repeated(number, slot, fields[0])
        elif fields[0].required:
            self._expect(slot.first_event)
            self._get_value(fields[0], f"v_{fields[0].python_name}")
            self._read_event(self._grammar.after(number, 1))
        else:
            self._get_optional(number, slot, fields[0])

    def _get_optional(self, number: int, slot: Slot, field: Field) -> None:
        self._line(f"v_{field.python_name} = None")
        self._block(f"if e == {slot.first_event}:")
        self._get_value(field, f"v_{field.python_name}")
        self._read_event(self._grammar.after(number, 1), into_variable=True)
        self._end_block()

    def _get_choice(self, number: int, slot: Slot, fields: list[Field]) -> None:
        self._line(" = ".join(f"v_{field.python_name}" for field in fields) + " = None")
        for offset, field in enumerate(fields):
            self._block(f"{'el' * bool(offset)}if e == {slot.first_event + offset}:")
            self._get_value(field, f"v_{field.python_name}")
            self._end_block()
        self._block("else:")
        self._refuse()
        self._end_block()
        self._read_event(self._grammar.after(number, 1))

    def _get_repeated(self, number: int, slot: Slot, field: Field) -> None:
        name = f"v_{field.python_name}"
        self._line(f"{name} = []")
        if self._can_be_empty_list():
            self._block(f"if e == {_EMPTY}:")
            self._line(f"return {self._names[self._grammar.declaration.cls]}({name[2:]}=()), pos")
            self._end_block()
        self._expect(slot.first_event)
        self._block("while True:")
        self._get_value(field, "x")
        self._line(f"{name}.append(x)")
        if slot.wire_maximum is not None:
            self._block(f"if len({name}) == {slot.maximum}:")
            self._read_event(self._grammar.after(number, slot.wire_maximum), into_variable=True)
            self._line("break")
            self._end_block()
        self._read_event(self._grammar.after(number, 1), into_variable=True)
        self._block(f"if e != {slot.first_event}:")
        self._line("break")
        self._end_block()
        if slot.maximum is not None and slot.wire_maximum is None:
            self._block(f"if len({name}) == {slot.maximum}:")
            self._line(f"raise ExiError('more than {slot.maximum} occurrences', bit=pos)")
            self._end_block()
        self._end_block()
        self._line(f"{name} = tuple({name})")

    def _get_text(self, field: Field) -> None:
        if not isinstance(field.marker, Text) or field.marker.datatype not in CAN_BE_EMPTY:
            raise NotImplementedError(f"text of {field.python_name}")
        name, target = FUNCTIONS[field.marker.datatype], f"v_{field.python_name}"
        empty = '""' if field.marker.datatype is Datatype.STRING else 'b""'
        self._block(f"if e == {self._grammar.end - 1}:")
        self._line(f"{target}, pos = get_{name}(data, pos)")
        self._line("pos = get_end(data, pos)")
        self._end_block()
        self._block(f"elif e == {_EMPTY}:")
        self._line(f"{target} = {empty}")
        self._end_block()
        self._block("else:")
        self._refuse()
        self._end_block()

    def _get_value(self, field: Field, target: str) -> None:
        if isinstance(field.marker, Substitution):
            self._get_member(field.marker, target)
            return
        kind = field.kind
        if field in self._grammar.declaration.attributes:
            self._line(f"{target}, pos = get_string(data, pos)")
        elif isinstance(kind, Datatype):
            name = FUNCTIONS[kind]
            if kind in CAN_BE_EMPTY:
                self._line(f"{target}, pos = get_{name}_element(data, pos)")
                return
            self._line(f"{target}, pos = get_{name}(data, get_content(data, pos))")
            self._line("pos = get_end(data, pos)")
        elif issubclass(kind, Enum):
            bits = width(len(kind)) + 2
            self._read_bits("x", bits)
            self._block(f"if x & 1 or x >> 1 >= {len(kind)}:")
            self._line(f"raise ExiError('no such {field.xsd_name}', bit=pos)")
            self._end_block()
            self._line(f"{target} = VALUES_{self._names[kind]}[x >> 1]")
        else:
            self._line(f"{target}, pos = get_{self._names[kind]}(data, pos)")

    def _get_member(self, marker: Substitution, target: str) -> None:
        self._read_bits("x", width(len(marker.group) + 2))
        self._line(f"get = READERS_{marker.name}.get(x)")
        self._block("if get is None:")
        self._line(f"raise ExiError(f'{marker.name} holds an element (code {{x}}) not read here')")
        self._end_block()
        self._line(f"{target}, pos = get(data, pos)")
        self._line("pos = get_end(data, pos)")

    def _read_event(self, name: tuple[int, int], *, into_variable: bool = False) -> None:
        state = self._grammar.state(name)
        if self._can_be_empty(state):
            self._read_escapable(state)
            return
        if state.count == 1:
            self._block("if data[pos >> 3] & 128 >> (pos & 7):")
            self._refuse()
            self._end_block()
            self._line("pos += 1")
            self._event = state.first
            if into_variable:
                self._line(f"e = {state.first}")
        else:
            self._read_bits("e", state.width)
            if state.count < 1 << state.width:
                self._block(f"if e >= {state.count}:")
                self._refuse()
                self._end_block()
            if state.first:
                self._line(f"e += {state.first}")
        if state.count > 1 or into_variable:
            self._event = None

    def _read_escapable(self, state: State) -> None:
        self._read_bits("e", state.width)
        self._block(f"if e == {state.escape}:")
        self._line("pos = get_empty(data, pos)")
        self._line(f"e = {_EMPTY}")
        self._end_block()
        self._block(f"elif e > {state.escape}:")
        self._refuse()
        self._end_block()
        if state.first:
            self._block("else:")
            self._line(f"e += {state.first}")
            self._end_block()
        self._event = None

    def _can_be_empty(self, state: State) -> bool:
        if self._text:
            return state.first + state.count == self._grammar.end
        return self._can_be_empty_list() and state.count == 1 and state.first == 0

    def _can_be_empty_list(self) -> bool:
        return len(self._grammar.slots) == 1 and self._grammar.slots[0].repeated

    def _expect(self, event: int) -> None:
        if self._event is None:
            self._block(f"if e != {event}:")
            self._refuse()
            self._end_block()
        self._event = None

    def _read_bits(self, target: str, bits: int) -> None:
        mask = (1 << bits) - 1
        self._line(
            f"{target} = (data[pos >> 3] << 8 | data[(pos >> 3) + 1])"
            f" >> ({16 - bits} - (pos & 7)) & {mask}"
        )
        self._line(f"pos += {bits}")

    def _refuse(self) -> None:
        self._line("raise ExiError('an event that the type does not have here', bit=pos)")

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def _block(self, head: str) -> None:
        self._line(head)
        self._indent += 1

    def _end_block(self) -> None:
        self._indent -= 1
