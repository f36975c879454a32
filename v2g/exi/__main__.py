"""`python -m v2g.exi`: EXI streams of ISO 15118 from and to XML or JSON, on files and pipes.

Exit codes: 0 done, 1 the input was refused, 2 the command was not understood.
"""

import argparse
import base64
import binascii
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from v2g import xml
from v2g.errors import ExiError, V2GError
from v2g.exi.codec import decode_document, decode_fragment, encode, encode_fragment
from v2g.exi.json_form import from_json, to_json
from v2g.exi.schemas import ISO_2, ISO_20, XMLDSIG, Root, Schema

_MAX_INPUT: Final = 1024 * 1024
_SCHEMAS: Final = {"2": ISO_2, "20": ISO_20, "xmldsig": XMLDSIG}
_KINDS: Final = ("document", "fragment")
_EXAMPLES: Final = """\
examples:
  python -m v2g.exi decode message.exi
  echo 8098020000... | python -m v2g.exi decode --xml
  python -m v2g.exi decode response.b64 | python -m v2g.exi encode --base64

Without --schema and --kind the first reading that fits is taken: documents of -2, fragments of -2,
SignedInfo, documents of -20, fragments of -20.
"""
Candidate = tuple[Schema, str]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        data = _read(options.file)
        output = _decode(data, options) if options.command == "decode" else _encode(data, options)
        _write(options.output, output)
    except V2GError as error:
        sys.stderr.write(f"v2g.exi: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"v2g.exi: {error.filename or 'output'}: {error.strerror}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m v2g.exi",
        description="EXI streams of ISO 15118 certificate messages, from and to XML or JSON.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="decode|encode")
    decode = commands.add_parser(
        "decode", help="EXI (raw, hex or base64, told by itself) to JSON or XML"
    )
    form = decode.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON (the default)")
    form.add_argument("--xml", action="store_true", help="write XML")
    encode_command = commands.add_parser("encode", help="JSON or XML to EXI")
    form = encode_command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="read JSON (else told by itself)")
    form.add_argument("--xml", action="store_true", help="read XML (else told by itself)")
    text = encode_command.add_mutually_exclusive_group()
    text.add_argument("--hex", action="store_true", help="write hex digits (the default)")
    text.add_argument("--base64", action="store_true", help="write base64")
    text.add_argument("--raw", action="store_true", help="write the octets themselves")
    for command in (decode, encode_command):
        command.add_argument("file", nargs="?", default="-", help="input; - or nothing for stdin")
        command.add_argument("-o", "--output", default="-", help="output file instead of stdout")
        command.add_argument("--schema", choices=sorted(_SCHEMAS), help="ISO 15118-2, -20, xmldsig")
        command.add_argument("--kind", choices=_KINDS, help="whole message, or signed element")
    return parser


def _read(name: str) -> bytes:
    if name == "-":
        data = sys.stdin.buffer.read(_MAX_INPUT + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(_MAX_INPUT + 1)
    if len(data) > _MAX_INPUT:
        raise ExiError(f"more than {_MAX_INPUT} octets of input")
    return data


def _write(name: str, output: bytes) -> None:
    if name == "-":
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
    else:
        Path(name).write_bytes(output)


def _candidates(options: argparse.Namespace) -> Iterator[Candidate]:
    order = [(ISO_2, "document"), (ISO_2, "fragment"), (XMLDSIG, "fragment")]
    order += [(ISO_20, "document"), (ISO_20, "fragment")]
    for schema, kind in order:
        wanted = options.schema is None or _SCHEMAS[options.schema] is schema
        if wanted and options.kind in {None, kind}:
            yield schema, kind


def _roots(schema: Schema, kind: str) -> tuple[Root, ...]:
    return schema.documents if kind == "document" else schema.fragments


def _decode(data: bytes, options: argparse.Namespace) -> bytes:
    stream = _octets(data)
    errors = []
    for schema, kind in _candidates(options):
        try:
            read = decode_document if kind == "document" else decode_fragment
            value = read(stream, schema)
        except ExiError as error:
            errors.append(error)
            continue
        if options.xml:
            return xml.write(value) + b"\n"
        name = next(root.name for root in _roots(schema, kind) if root.cls is type(value))
        form = json.dumps({name: to_json(value)}, indent=2, ensure_ascii=False)
        return form.encode("utf-8") + b"\n"
    raise _most_telling(errors)


def _encode(data: bytes, options: argparse.Namespace) -> bytes:
    is_xml = options.xml or (not options.json and data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<")
    value, kind = _from_xml(data) if is_xml else _from_json(data, options)
    stream = encode(value) if kind == "document" else encode_fragment(value)
    if options.raw:
        return stream
    return (base64.b64encode(stream) if options.base64 else stream.hex().encode("ascii")) + b"\n"


def _from_xml(data: bytes) -> tuple[Any, str]:
    value = xml.read_any(data)
    documents = {root.cls for schema in _SCHEMAS.values() for root in schema.documents}
    return value, "document" if type(value) in documents else "fragment"


def _from_json(data: bytes, options: argparse.Namespace) -> tuple[Any, str]:
    try:
        form = json.loads(data)
    except (ValueError, RecursionError):
        raise ExiError("the input is neither XML nor JSON") from None
    if not isinstance(form, dict) or len(form) != 1:
        raise ExiError("the JSON form is an object with one member, the root element")
    ((name, content),) = form.items()
    errors = []
    for schema, kind in _candidates(options):
        for root in _roots(schema, kind):
            if root.name == name:
                try:
                    return from_json(root.cls, content), kind
                except ExiError as error:
                    errors.append(error)
    raise _most_telling(errors or [ExiError("unknown root element in the JSON form")])


def _octets(data: bytes) -> bytes:
    """The stream itself: no EXI stream begins with ASCII, so text is hex digits or base64."""
    text = b"".join(data.split())
    if not text:
        raise ExiError("empty input")
    if not text.isascii():
        return data
    digits = text.removeprefix(b"0x").replace(b":", b"")
    try:
        if re.fullmatch(rb"(?:[0-9A-Fa-f]{2})+", digits):
            return binascii.unhexlify(digits)
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ExiError("the input is neither an EXI stream nor hex digits nor base64") from None


def _most_telling(errors: list[ExiError]) -> ExiError:
    """Of several readings that failed, the one that came furthest."""
    if not errors:
        return ExiError("no such kind of element in this schema")
    return max(errors, key=lambda error: (len(error.path), error.bit or 0))


if __name__ == "__main__":
    sys.exit(main())
