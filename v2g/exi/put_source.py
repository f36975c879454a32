"""Source code that writes a type: one straight function per class, event codes in constants.

The function takes the stream so far, its finished octets and the value; it returns the longer
stream. Where optional parts leave more than one state possible, the variable `s` holds the number
of the state and codes come out of a tuple.
"""

from collections.abc import Callable
from enum import Enum

from v2g.exi.datatypes import CAN_BE_EMPTY, FUNCTIONS
from v2g.exi.grammar import Grammar, Slot, State, width
from v2g.messages.schema import Datatype, Field, Substitution, Text

MISTYPED: str = "a value does not have its declared type"
_StateName = tuple[int, int]


class PutSource:
    """Writes the lines of one function."""

    def __init__(self, grammar: Grammar, names: dict[type, str]) -> None:
        """Begin at the start state; `names` are the names of the classes in the generated code."""
        self._grammar = grammar
        self._names = names
        self._lines: list[str] = []
        self._indent = 1
        self._states: list[_StateName] = [(-1, 0)]
        self._numbers: dict[_StateName, int] = {}
        self._pending = (0, 0)  # bits known but not yet appended: value, width

    def source(self) -> str:
        """The whole function; an error on its way out learns the name of the type."""
        declared = self._grammar.declaration
        self._block("try:")
        for number, slot in enumerate(self._grammar.slots):
            if isinstance(declared.text, Field) and slot.alternatives == (declared.text,):
                self._put_text(declared.text)
                break
            self._put_slot(number, slot)
        else:
            self._put_event(self._grammar.end)
            self._line(f"return {self._acc()}")
        self._end_block()
        self._block("except ExiError as error:")
        self._line(f"raise error.inside({declared.name!r})")
        self._end_block()
        self._block("except MISTYPED as error:")
        self._line(f"raise ExiError({MISTYPED!r}).inside({declared.name!r}) from error")
        head = f"def put_{self._names[declared.cls]}(acc, out, value):"
        return "\n".join([head, *self._lines])

    def _put_slot(self, number: int, slot: Slot) -> None:
        fields = [field for field in slot.alternatives if field]
        if not fields:
            return
        if len(fields) > 1:
            self._put_choice(number, slot, fields)
        elif slot.repeated:
            self._put_repeated(number, slot, fields[0])
        else:
            self._put_single(number, slot, fields[0])

    def _put_single(self, number: int, slot: Slot, field: Field) -> None:
        after = self._grammar.after(number, 1)
        if field.required:
            self._put_event(slot.first_event)
            self._put_value(field, f"value.{field.python_name}")
            self._states = [after]
            return
        self._line(f"x = value.{field.python_name}")
        self._track_state()
        self._block("if x is not None:")
        self._put_event(slot.first_event)
        self._put_value(field, "x")
        self._flush()
        self._line(f"s = {self._number(after)}")
        self._end_block()
        self._states = [*self._states, after]

    def _put_choice(self, number: int, slot: Slot, fields: list[Field]) -> None:
        present = " + ".join(f"(value.{field.python_name} is not None)" for field in fields)
        self._refuse_if(f"{present} != 1", "exactly one alternative must be present")
        self._flush()
        for offset, field in enumerate(fields):
            self._block(f"if value.{field.python_name} is not None:")
            self._put_event(slot.first_event + offset)
            self._put_value(field, f"value.{field.python_name}")
            self._flush()
            self._end_block()
        self._states = [self._grammar.after(number, 1)]

    def _put_repeated(self, number: int, slot: Slot, field: Field) -> None:
        middle = self._grammar.after(number, 1)
        self._line(f"items = value.{field.python_name}")
        self._flush()
        self._put_empty_list(field)
        if slot.maximum is not None:
            self._refuse_if(f"len(items) > {slot.maximum}", f"more than {slot.maximum} occurrences")
        self._line("x = items[0]")
        self._put_event(slot.first_event)
        self._put_value(field, "x")
        self._flush()
        self._states = [middle]
        self._block("for x in items[1:]:")
        self._put_event(slot.first_event)
        self._put_value(field, "x")
        self._flush()
        self._end_block()
        if slot.wire_maximum is not None:
            full = self._grammar.after(number, slot.wire_maximum)
            self._line(
                f"s = {self._number(full)} if len(items) == {slot.maximum} "
                f"else {self._number(middle)}"
            )
            self._states = [middle, full]

    def _put_empty_list(self, field: Field) -> None:
        if len(self._grammar.slots) > 1:
            self._refuse_if("not items", f"{field.xsd_name} is missing")
            return
        self._block("if not items:")
        self._put_escape()
        self._line(f"return {self._acc()}")
        self._end_block()

    def _put_text(self, field: Field) -> None:
        marker = field.marker
        if not isinstance(marker, Text) or marker.datatype not in CAN_BE_EMPTY:
            raise NotImplementedError(f"text of {field.python_name}")
        name = FUNCTIONS[marker.datatype]
        empty = '""' if marker.datatype is Datatype.STRING else 'b""'
        self._line(f"x = value.{field.python_name}")
        self._flush()
        self._block(f"if x != {empty}:")
        self._put_event(self._grammar.end - 1)
        self._line(f"return put_{name}({self._acc()}, out, x) << 1")
        self._end_block()
        self._put_escape()
        self._line(f"return {self._acc()}")

    def _put_value(self, field: Field, expression: str) -> None:
        if isinstance(field.marker, Substitution):
            self._put_member(field.marker, expression)
            return
        kind = field.kind
        if field in self._grammar.declaration.attributes:
            self._line(f"acc = put_string({self._acc()}, out, {expression})")
        elif isinstance(kind, Datatype):
            if kind in CAN_BE_EMPTY:
                name = f"put_{FUNCTIONS[kind]}_element"
                self._line(f"acc = {name}({self._acc()}, out, {expression})")
                return
            self._append(0, 1)
            self._line(f"acc = put_{FUNCTIONS[kind]}({self._acc()}, out, {expression})")
            self._append(0, 1)
        elif issubclass(kind, Enum):
            bits = width(len(kind)) + 2
            codes = f"CODES_{self._names[kind]}"
            self._line(f"acc = ({self._acc()}) << {bits} | {codes}[{expression}] << 1")
        else:
            self._line(f"acc = put_{self._names[kind]}({self._acc()}, out, {expression})")

    def _put_member(self, marker: Substitution, expression: str) -> None:
        bits = width(len(marker.group) + 2)
        self._line(f"code, put = MEMBERS_{marker.name}[type({expression})]")
        self._line(f"acc = put(({self._acc()}) << {bits} | code, out, {expression})")
        self._append(0, 1)

    def _put_event(self, event: int) -> None:
        self._put_code(lambda state: (state.code(event), state.width))

    def _put_escape(self) -> None:
        """The second-level end: the escape of the state, then 000."""
        self._put_code(lambda state: (state.escape << 3, state.width + 3))

    def _put_code(self, code_of: Callable[[State], tuple[int, int]]) -> None:
        if len(self._states) == 1:
            self._append(*code_of(self._grammar.state(self._states[0])))
            return
        codes, widths = [0] * len(self._numbers), [0] * len(self._numbers)
        for name in self._states:
            number = self._number(name)
            codes[number], widths[number] = code_of(self._grammar.state(name))
        self._line(f"acc = ({self._acc()}) << {tuple(widths)}[s] | {tuple(codes)}[s]")

    def _track_state(self) -> None:
        if len(self._states) == 1:
            self._line(f"s = {self._number(self._states[0])}")
        self._flush()

    def _number(self, name: _StateName) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def _append(self, value: int, bits: int) -> None:
        self._pending = self._pending[0] << bits | value, self._pending[1] + bits

    def _acc(self) -> str:
        value, bits = self._pending
        self._pending = (0, 0)
        if not bits:
            return "acc"
        return f"acc << {bits} | {value}" if value else f"acc << {bits}"

    def _flush(self) -> None:
        if self._pending[1]:
            self._line(f"acc = {self._acc()}")

    def _refuse_if(self, condition: str, message: str) -> None:
        self._block(f"if {condition}:")
        self._line(f"raise ExiError({message!r})")
        self._end_block()

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def _block(self, head: str) -> None:
        self._line(head)
        self._indent += 1

    def _end_block(self) -> None:
        self._indent -= 1
