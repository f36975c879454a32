"""`python -m v2g.exi` on files and pipes."""

import base64
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.v2g.vectors import VECTORS, Vector
from v2g.exi.__main__ import main

REQUEST = "809802004080c1014181c210502b4b2188060000000034100110"
ONE_OF_EACH = tuple({(v.schema, v.kind, v.name): v for v in VECTORS}.values())


class Pipe:
    """Standard input and output as a shell would join them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]):
        self._monkeypatch = monkeypatch
        self._captured = capfdbinary

    def __call__(self, *arguments: str, data: bytes) -> tuple[int, bytes, str]:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = main(list(arguments))
        out, err = self._captured.readouterr()
        return code, out, err.decode()

    def good(self, *arguments: str, data: bytes) -> bytes:
        code, out, err = self(*arguments, data=data)
        assert (code, err) == (0, "")
        return out

    def bad(self, *arguments: str, data: bytes) -> str:
        code, out, err = self(*arguments, data=data)
        assert (code, out) == (1, b"")
        assert err.startswith("v2g.exi: ")
        assert err.count("\n") == 1
        return err


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Pipe:
    return Pipe(monkeypatch, capfdbinary)


@pytest.mark.parametrize("vector", ONE_OF_EACH, ids=str)
def test_every_stream_is_told_from_the_others_and_comes_back(pipe: Pipe, vector: Vector) -> None:
    form = pipe.good("decode", data=vector.exi)
    assert json.loads(form) == vector.form
    assert pipe.good("encode", "--raw", data=form) == vector.exi
    text = pipe.good("decode", "--xml", data=vector.exi)
    assert text.startswith(b"<?xml")
    assert pipe.good("encode", "--raw", data=text) == vector.exi


@pytest.mark.parametrize(
    "text",
    [
        REQUEST,
        REQUEST.upper(),
        "0x" + REQUEST,
        f"  {REQUEST[:20]}\n{REQUEST[20:]}\n",
        ":".join(REQUEST[i : i + 2] for i in range(0, len(REQUEST), 2)),
        base64.b64encode(bytes.fromhex(REQUEST)).decode(),
        base64.encodebytes(bytes.fromhex(REQUEST)).decode(),
    ],
    ids=["hex", "upper", "0x", "wrapped", "colons", "base64", "wrapped base64"],
)
def test_hex_and_base64_are_told_apart_on_input(pipe: Pipe, text: str) -> None:
    assert pipe.good("decode", data=text.encode()) == pipe.good(
        "decode", data=bytes.fromhex(REQUEST)
    )


def test_the_forms_of_output(pipe: Pipe) -> None:
    form = pipe.good("decode", "--json", data=REQUEST.encode())
    octets = bytes.fromhex(REQUEST)
    assert pipe.good("encode", data=form) == REQUEST.encode() + b"\n"
    assert pipe.good("encode", "--json", "--hex", data=form) == REQUEST.encode() + b"\n"
    assert pipe.good("encode", "--base64", data=form) == base64.b64encode(octets) + b"\n"
    assert pipe.good("encode", "--raw", data=form) == octets


def test_files_are_read_and_written(pipe: Pipe, tmp_path: Path) -> None:
    source, target = tmp_path / "request.exi", tmp_path / "request.xml"
    source.write_bytes(bytes.fromhex(REQUEST))
    assert pipe.good("decode", "--xml", str(source), "-o", str(target), data=b"") == b""
    assert pipe.good("encode", "--xml", str(target), data=b"") == REQUEST.encode() + b"\n"


def test_schema_and_kind_narrow_the_reading(pipe: Pipe) -> None:
    request = bytes.fromhex(REQUEST)
    assert pipe.good("decode", "--schema", "2", "--kind", "document", data=request)
    assert "not read here" in pipe.bad("decode", "--schema", "20", data=request)
    assert "not read here" in pipe.bad("decode", "--kind", "fragment", data=request)
    assert "no such kind" in pipe.bad(
        "decode", "--schema", "xmldsig", "--kind", "document", data=request
    )


@pytest.mark.parametrize(
    ("command", "data", "reason"),
    [
        ("decode", b"", "empty input"),
        ("decode", b"hello", "neither an EXI stream nor hex digits nor base64"),
        ("decode", REQUEST[:-6].encode(), "ends too early"),
        ("decode", (REQUEST + "00").encode(), "behind the end"),
        ("decode", b"\xff" * 20, "distinguishing bits"),
        ("encode", b"", "neither XML nor JSON"),
        ("encode", b"[1]", "one member"),
        ("encode", b'{"Other": {}}', "unknown root"),
        ("encode", b'{"V2G_Message": {}}', "Header is missing"),
        ("encode", b"<a/>", "not an element of ISO 15118"),
        ("encode", b"<!DOCTYPE a><a/>", "document type"),
        ("encode", b"[" * 100_000, "neither XML nor JSON"),
        ("decode", b"0" * (1 << 20) + b"0", "octets of input"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    pipe: Pipe, command: str, data: bytes, reason: str
) -> None:
    assert reason in pipe.bad(command, data=data)


def test_a_missing_file_is_named(pipe: Pipe, tmp_path: Path) -> None:
    assert "missing.exi: No such file" in pipe.bad(
        "decode", str(tmp_path / "missing.exi"), data=b""
    )


@pytest.mark.parametrize(
    "arguments", [[], ["other"], ["decode", "--raw"], ["encode", "--xml", "--json"]]
)
def test_a_command_that_is_not_understood_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m v2g.exi" in capsys.readouterr().err


def test_the_module_runs_as_a_program_and_explains_itself() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "v2g.exi"]
    shown = subprocess.run(
        [*command, "--help"], cwd=root, capture_output=True, text=True, check=True
    )
    assert "decode" in shown.stdout
    assert "examples:" in shown.stdout
    refused = subprocess.run(
        [*command, "decode"], cwd=root, input=b"hello", capture_output=True, check=False
    )
    assert refused.returncode == 1
