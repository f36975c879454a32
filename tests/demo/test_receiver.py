"""The webhook receiver of `make demo`: it believes no delivery that is not signed right."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import httpx
import pytest

from apps.demo.lifecycle import receiver as module
from apps.demo.lifecycle.backends import StepFailed
from apps.demo.lifecycle.receiver import SIGNATURES, Receiver
from apps.demo.lifecycle.server import free_ports

SECRET = "a secret of the endpoint"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    (port,) = free_ports(1)
    with Receiver(port) as listening:
        yield listening


def deliver(receiver: Receiver, emaid: str, *, spoilt: str = "") -> None:
    """Post an event; the header `spoilt` carries the HMAC of something else."""
    event = {"eventType": "oem.contract.created", "payload": {"emaid": emaid}}
    body = json.dumps(event).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {name: prefix + digest for name, prefix in SIGNATURES.items()}
    if spoilt:
        headers[spoilt] = SIGNATURES[spoilt] + "0" * 64
    answer = httpx.post(receiver.url, content=body, headers=headers, trust_env=False)
    assert answer.status_code == 200


def test_it_waits_for_the_event_of_one_contract(receiver: Receiver) -> None:
    deliver(receiver, "DECWLC0000000001")
    deliver(receiver, "DECWLC0000000002")
    event = receiver.wait_for("oem.contract.created", "DECWLC0000000002", secret=SECRET)
    assert event["payload"] == {"emaid": "DECWLC0000000002"}


@pytest.mark.parametrize("header", SIGNATURES)
def test_a_wrong_signature_in_any_header_fails(receiver: Receiver, header: str) -> None:
    deliver(receiver, "DECWLC0000000001", spoilt=header)
    with pytest.raises(StepFailed, match=f"{header} is not the HMAC"):
        receiver.wait_for("oem.contract.created", "DECWLC0000000001", secret=SECRET)


def test_what_does_not_come_is_given_up(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    deliver(receiver, "DECWLC0000000001")
    with pytest.raises(StepFailed, match=r"no oem\.contract\.deleted came"):
        receiver.wait_for("oem.contract.deleted", "DECWLC0000000001", secret=SECRET)
