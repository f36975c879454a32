"""What services and `v2g` refuse, read out of their source with a mark for each value.

API-only code is left out: its sentences are the protocol's and stay English. A sentence that is
nothing but another error's is left out too, for that one is found where it is raised.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from apps.core import errors
from tests.languages.sources import ROOT
from v2g import errors as v2g_errors

_PLACES = {
    **{one.__name__: 1 for one in (errors.DomainError, *errors.DomainError.__subclasses__())},
    **{
        name: 0
        for name, one in vars(v2g_errors).items()
        if isinstance(one, type) and issubclass(one, v2g_errors.V2GError)
    },
    "ChainError": 1,
    "Refused": 0,
    "refuse": 2,
    "refuse_unknown": 1,
    "require_form": 2,
    "fails": 2,
    "Found": 3,
}
"""Where the sentence stands among the arguments of what raises an error."""
_NOT_SHOWN = {
    "api",
    "migrations",
    "management",
    "demo",
    "__main__.py",
    "json_form.py",
    "archiving.py",
    "backup",
    "ceremony",
}
"""Protocol, commands, what only a command calls, and the demo."""
_TRANSLATED = {"_", "gettext", "in_words", "told"}
_HANDED_ON = re.compile(
    r"str\(error\)|\w+\.messages?(\[0\])?|\w+\.detail|error|message|why|text|.*\(\w+\.name\)|((self|cls)\.)?_\w+\(\w*\)|too_large\(\)"
)
"""Another error's sentence, a parameter, or a function that answers in the page's language."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A refusal as somebody could meet it: `values` stand in `text` in the order of the source."""

    text: str
    values: tuple[str, ...]
    place: str


def samples() -> Iterator[Sample]:
    """Yield every sentence that is raised in `apps` and `v2g`."""
    for folder in ("apps", "v2g"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _NOT_SHOWN & set(path.relative_to(ROOT).parts):
                yield from _in_file(path)


def _in_file(path: Path) -> Iterator[Sample]:
    tree = ast.parse(path.read_text())
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            said = _said(node) or _returned(node, function)
            if said is None:
                continue
            place = f"{path.relative_to(ROOT)}:{said.lineno}"
            label = "OEM Sub2 " if _name(node) == "refuse" else ""
            for expression in _resolved(said, function, path):
                yield from _sample(expression, place, label)


def _said(node: ast.AST) -> ast.expr | None:
    name = _name(node)
    if not isinstance(node, ast.Call):
        return None
    for keyword in node.keywords:
        if keyword.arg == "message" and _is_text(keyword.value):
            return keyword.value
    if ast.unparse(node.func).endswith("unreadable.append") and isinstance(node.args[0], ast.Tuple):
        return node.args[0].elts[1]
    if name not in _PLACES:
        return None
    return node.args[_PLACES[name]] if len(node.args) > _PLACES[name] else None


def _name(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _returned(node: ast.AST, function: ast.FunctionDef) -> ast.expr | None:
    """What the rules of profiles answer, and functions that make a sentence."""
    if not isinstance(node, ast.Return) or function.name not in {"check", "_message"}:
        return None
    value = node.value
    return value if isinstance(value, ast.JoinedStr | ast.Constant) and _is_text(value) else None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def _resolved(said: ast.expr, function: ast.FunctionDef, path: Path) -> Iterator[ast.expr]:
    """Follow a name to the sentences it may stand for."""
    if not isinstance(said, ast.Name | ast.Attribute):
        yield said
        return
    found = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(said)
    ]
    if not found:
        value: object = _module(path)
        for part in ast.unparse(said).split("."):
            value = getattr(value, part, None)
        found = [ast.Constant(value)] if isinstance(value, str) else [said]
    yield from found


@cache
def _module(path: Path) -> ModuleType:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


def _sample(said: ast.expr, place: str, label: str) -> Iterator[Sample]:
    match said:
        case ast.Constant(value=""):
            return
        case ast.Constant(value=str(text)):
            yield Sample(label + text, (), place)
        case ast.JoinedStr(values=parts):
            yield from _with_marks(parts, place, label)
        case ast.Call(func=ast.Name(id=name)) if name in _TRANSLATED:
            return
        case ast.BinOp(op=ast.Mod()):
            return
        case ast.IfExp(body=one, orelse=other):
            yield from _sample(one, place, label)
            yield from _sample(other, place, label)
        case _:
            known = _HANDED_ON.fullmatch(ast.unparse(said))
            assert known, f"{place}: nobody knows what this says: {ast.unparse(said)}"


def _with_marks(parts: list[ast.expr], place: str, label: str) -> Iterator[Sample]:
    values: list[str] = []
    text = label
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            values.append(f"X{len(values) + 1}")
            text += values[-1]
    if re.search("[a-z]{2}", text.removeprefix("OEM Sub2 ")):
        yield Sample(text, tuple(values), place)
