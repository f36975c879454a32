"""Encode and decode of certificate messages, beside EXIficient in the same run.

    python -m benchmarks.exi [--rounds N]

240 different signed CertificateInstallationRes of about 4.4 kB come from a seeded generator; the
peer is EXIficient as the PyPI package iso15118 0.31.2 wraps it (Java needed), started in an
interpreter of its own: PEER_PYTHON, or var/peer/bin/python.

    python -m venv var/peer && var/peer/bin/pip install iso15118==0.31.2

Both sides time every call alone, work through all messages before they see one again, and agree on
every octet. The peer first goes twice through all messages, uncounted, so that its compiler
settles; with it a run takes some minutes.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.support.machine import print_machine
from v2g import exi, signature
from v2g.exi.json_form import to_json
from v2g.messages import iso2

MESSAGES = 240
PEER_WARMING = 2
SCHEMA = "urn:iso:15118:2:2013:MsgDef"
ROOT = Path(__file__).parent.parent

# What the peer's interpreter runs: messages in, medians and its own octets out.
PEER = """
import json, sys, time, statistics
from iso15118.shared.exificient_exi_codec import ExificientEXICodec

with open(sys.argv[1]) as file:
    work = json.load(file)
forms = [json.dumps(form) for form in work["forms"]]
streams = [bytes.fromhex(stream) for stream in work["streams"]]
codec = ExificientEXICodec()

def run(call, items):
    times = []
    for item in items:
        start = time.perf_counter()
        call(item, work["schema"])
        times.append(time.perf_counter() - start)
    return times

for _ in range(work["warming"]):
    run(codec.encode, forms)
    run(codec.decode, streams)
encoding, decoding = [], []
for _ in range(work["rounds"]):
    encoding += run(codec.encode, forms)
    decoding += run(codec.decode, streams)
agreed = all(bytes(codec.encode(f, work["schema"])) == s for f, s in zip(forms, streams))
json.dump({"encode": statistics.median(encoding), "decode": statistics.median(decoding),
           "agreed": agreed}, sys.stdout)
sys.stdout.flush()
codec.gateway.shutdown()
"""


def messages(count: int = MESSAGES) -> list[iso2.V2GMessage]:
    """`count` different signed responses, the same ones in every run but for the signatures."""
    source = random.Random(15118)  # the same certificates in every run; nothing here is secret
    key = ec.generate_private_key(ec.SECP256R1())
    return [signature.sign(_response(source, number), key) for number in range(count)]


def _response(source: random.Random, number: int) -> iso2.V2GMessage:
    body = iso2.CertificateInstallationRes(
        response_code=iso2.ResponseCode.OK,
        sa_provisioning_certificate_chain=_chain(source, None),
        contract_signature_cert_chain=_chain(source, signature.CHAIN_ID),
        contract_signature_encrypted_private_key=iso2.ContractSignatureEncryptedPrivateKey(
            id=signature.KEY_ID, value=source.randbytes(48)
        ),
        dh_publickey=iso2.DiffieHellmanPublickey(
            id=signature.DH_ID, value=b"\x04" + source.randbytes(64)
        ),
        emaid=iso2.EMAID(id=signature.EMAID_ID, value=f"DE8AAC{number:08d}"),
    )
    header = iso2.MessageHeader(session_id=source.randbytes(8))
    return iso2.V2GMessage(header=header, body=body)


def _chain(source: random.Random, identifier: str | None) -> iso2.CertificateChain:
    """A leaf and two above it, of the size of certificates of the field."""
    leaf, *above = (source.randbytes(source.randint(540, 640)) for _ in range(3))
    return iso2.CertificateChain(
        id=identifier,
        certificate=leaf,
        sub_certificates=iso2.SubCertificates(certificate=tuple(above)),
    )


def median_time(call: Callable[[Any], object], items: Iterable[Any], rounds: int) -> float:
    """The median time of one call, in seconds, over all items again and again."""
    items = list(items)
    times = []
    for _ in range(rounds):
        for item in items:
            start = time.perf_counter()
            call(item)
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def peer_python() -> str | None:
    """The interpreter that has the peer, or None."""
    named = os.environ.get("PEER_PYTHON")
    candidate = Path(named) if named else ROOT / "var" / "peer" / "bin" / "python"
    return str(candidate) if candidate.exists() else None


def ask_peer(forms: list[Any], streams: list[bytes], rounds: int) -> dict[str, Any] | str:
    """The peer's medians, or why there are none."""
    interpreter = peer_python()
    if interpreter is None:
        return "no interpreter in PEER_PYTHON or var/peer"
    work = {
        "forms": forms,
        "streams": [stream.hex() for stream in streams],
        "schema": SCHEMA,
        "rounds": rounds,
        "warming": PEER_WARMING,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(work, file)
        file.flush()
        run = subprocess.run(
            [interpreter, "-c", PEER, file.name], capture_output=True, text=True, check=False
        )
    if run.returncode:
        return (run.stderr.strip().splitlines() or ["it failed"])[-1]
    answer: dict[str, Any] = json.loads(run.stdout[run.stdout.index("{") :])
    return answer


def main() -> int:
    """Print the medians and, where the peer is at hand, how many times faster each is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3, help="passes over all messages")
    rounds = parser.parse_args().rounds
    print_machine()
    batch = messages()
    streams = [exi.encode(message) for message in batch]
    sizes = sorted(map(len, streams))
    print(f"{len(streams)} messages of {sizes[0]} to {sizes[-1]} octets, {rounds} rounds")
    ours = {
        "encode": median_time(exi.encode, batch, rounds),
        "decode": median_time(exi.decode, streams, rounds),
    }
    splice = median_time(lambda s: exi.replace_session_id(s, b"\1" * 8), streams, rounds)
    forms = [{"V2G_Message": to_json(message)} for message in batch]
    peer = ask_peer(forms, streams, rounds)
    for name, seconds in ours.items():
        line = f"{name}: {seconds * 1e6:7.1f} us"
        if isinstance(peer, dict):
            line += f"   EXIficient {peer[name] * 1e3:6.2f} ms   {peer[name] / seconds:5.0f} times"
        print(line)
    print(f"replace_session_id: {splice * 1e6:.2f} us")
    if isinstance(peer, str):
        print(f"peer skipped: {peer}")
        return 0
    print("octets agree" if peer["agreed"] else "OCTETS DIFFER")
    return 0 if peer["agreed"] else 1


if __name__ == "__main__":
    sys.exit(main())
