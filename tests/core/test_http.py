"""The outgoing HTTP client: what it connects to, and how much and how long it listens."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_django import Settings

from apps.core import http, network

Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[int]:
    """Run a server on the loopback that treats its connections as `behaviour` says."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    connection.settimeout(5)
                    connection.recv(65_536)
                    behaviour(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()


def saying(*parts: bytes) -> Behaviour:
    def behaviour(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return behaviour


def answer_of(body: bytes, status: str = "200 OK", more: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + more + b"\r\n" + body


@pytest.fixture
def sandboxed(settings: Settings) -> Callable[[int], str]:
    def allow(port: int) -> str:
        settings.HTTP_SANDBOX_TARGETS = (f"127.0.0.1:{port}",)
        return f"http://127.0.0.1:{port}/status"

    return allow


def test_brings_the_whole_answer(sandboxed: Callable[[int], str]) -> None:
    with serving(saying(answer_of(b"hello", more=b"X-Kind: test\r\n"))) as port:
        answer = http.request("GET", sandboxed(port))
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"hello", "test")


def test_sends_what_it_is_given_and_asks_for_no_compression(
    sandboxed: Callable[[int], str],
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            while not b"".join(seen).endswith(b"abc"):
                seen.append(connection.recv(65_536))
            connection.sendall(answer_of(b""))

    thread = threading.Thread(target=run)
    thread.start()
    url = sandboxed(listener.getsockname()[1])
    http.request("POST", url, content=b"abc", headers={"X-Event": "1"})
    thread.join()
    listener.close()
    request = b"".join(seen).lower()
    assert request.startswith(b"post /status http/1.1\r\n")
    assert b"x-event: 1\r\n" in request
    assert b"accept-encoding: identity\r\n" in request


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "240.0.0.1",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001:0:1::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public_unicast_are_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not network.allowed("status.example", address, 443)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    answer = [(family, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: answer)
    with pytest.raises(http.Refused, match="may be called"):
        http.request("GET", "http://status.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
@pytest.mark.parametrize("port", [80, 443])
def test_public_addresses_are_allowed_on_the_two_ports(address: str, port: int) -> None:
    assert network.allowed("status.example", address, port)
    assert not network.allowed("status.example", address, 8080)
    assert not network.allowed("status.example", address, 22)


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "0"]
)
def test_other_spellings_of_the_loopback_are_refused(host: str) -> None:
    with serving(saying(answer_of(b"internal"))) as port, pytest.raises(http.Refused):
        http.request("GET", f"http://{host}:{port}/")


def test_the_address_that_was_checked_is_the_one_connected_to(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to a public address first and to the loopback afterwards."""
    asked: list[str] = []
    connected: list[str] = []

    def resolve(host: str, *args: Any, **more: Any) -> list[Any]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]

    def connect(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(http.Refused):
        http.request("GET", "http://status.example/")
    assert asked == ["status.example"]
    assert connected == ["8.8.8.8"]


def test_of_several_addresses_only_the_public_ones_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[str] = []
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
        for address in ("10.0.0.1", "8.8.8.8", "127.0.0.1", "9.9.9.9")
    ]

    def connect(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(http.Refused):
        http.request("GET", "http://status.example/")
    assert connected == ["8.8.8.8", "9.9.9.9"]


def test_a_redirect_is_not_followed(sandboxed: Callable[[int], str]) -> None:
    hit: list[int] = []
    with serving(lambda connection: hit.append(1)) as inside:
        location = f"Location: http://127.0.0.1:{inside}/\r\n".encode()
        with serving(saying(answer_of(b"", "302 Found", location))) as port:
            answer = http.request("GET", sandboxed(port))
    assert answer.status == 302
    assert hit == []


def test_an_answer_that_is_too_large_is_cut_off(sandboxed: Callable[[int], str]) -> None:
    with serving(saying(answer_of(b"x" * 1001))) as port:
        with pytest.raises(http.Refused, match="larger"):
            http.request("GET", sandboxed(port), max_bytes=1000)
        assert len(http.request("GET", sandboxed(port), max_bytes=1001).body) == 1001


def test_an_endless_answer_is_cut_off(sandboxed: Callable[[int], str]) -> None:
    def behaviour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with serving(behaviour) as port, pytest.raises(http.Refused, match="larger"):
        http.request("GET", sandboxed(port))


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_left_at_the_deadline(
    sandboxed: Callable[[int], str], settings: Settings, after: bytes
) -> None:
    """Each octet comes well within any time limit of a single read."""
    settings.HTTP_TIMEOUT_S = 0.5
    sent: list[float] = []

    def behaviour(connection: socket.socket) -> None:
        connection.sendall(after)
        for _ in range(40):
            time.sleep(0.1)
            connection.sendall(b"X")
            sent.append(time.monotonic())

    with serving(behaviour) as port, pytest.raises(http.Refused):
        http.request("GET", sandboxed(port))
    assert len(sent) < 40


def test_a_name_that_does_not_resolve_in_time_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HTTP_TIMEOUT_S = 0.2
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: release.wait(10))
    with pytest.raises(http.Refused, match="ConnectTimeout"):
        http.request("GET", "http://status.example/")
    release.set()


def test_a_name_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*args: Any, **more: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(http.Refused, match="ConnectError"):
        http.request("GET", "http://status.example/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "status.example",
        "//status.example/",
        "ftp://status.example/",
        "file:///etc/passwd",
        "ldap://status.example/",
        "gopher://status.example/",
        "http://",
        "http://[::1",
        "http://status.example:99999/",
        "http://user:secret@8.8.8.8/",
        "http://\x00/",
        "http://xn--/",
        "http://8.8.8.8/" + "x" * 2000,
    ],
)
def test_urls_that_are_no_plain_web_addresses_are_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*args: Any, **more: Any) -> socket.socket:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(http.Refused) as refused:
        http.request("GET", url)
    assert "secret" not in refused.value.message


def test_query_strings_stay_out_of_messages(sandboxed: Callable[[int], str]) -> None:
    with serving(saying(b"no http at all\r\n\r\n")) as port:
        url = sandboxed(port) + "?token=secret"
        with pytest.raises(http.Refused) as refused:
            http.request("GET", url)
    assert "secret" not in refused.value.message


def test_proxies_of_the_environment_are_ignored(
    sandboxed: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(saying(answer_of(b"direct"))) as port:
        assert http.request("GET", sandboxed(port)).body == b"direct"


def test_a_refusal_can_be_tried_again_later() -> None:
    with pytest.raises(http.Refused) as refused:
        http.request("GET", "http://127.0.0.1/")
    assert (refused.value.status, refused.value.code) == (503, "http_failed")
