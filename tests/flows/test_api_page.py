"""docs/api.md against the running stack: its lines run as they stand, its examples work."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.demo.lifecycle.backends import Backend
from apps.demo.lifecycle.server import PROJECT, Server

pytestmark = pytest.mark.stack

PAGE = PROJECT / "docs" / "api.md"
LEFT_OUT = {
    # What it takes is made anew each time: certificates, messages of a vehicle, ids of endpoints.
    "addOEMProvCert",
    "addSignedContractData",
    "cancelJob",
    "createAndForwardSignedContractData",
    "createSignedContractData",
    "delete-v1-root-rootCerts-rootCertificateId",
    "delete-webhook-endpoint",
    "get-webhook-deliveries",
    "get-webhook-endpoint",
    "getJob",
    "getRootCert",
    "getSignedContractData",
    "issue-token",
    "put-v1-cps-signContractData",
    "put-v1-root-rootCerts",
    "redeliver-webhook",
    "simpleenroll",
    "simplereenroll",
    "test-webhook-endpoint",
    "update-webhook-endpoint",
}
OTHERS_NEED_IT = {"deleteOEMProvCert", "deleteSignedContractData", "factoryReset"}
"""They would work, on the demo's own data, which the other tests of this stack read."""
ROLE_OF = {"create-webhook-endpoint": "OEM"}
"""Who is told of the events that the example names; any role may register others."""


def test_every_line_of_the_page_runs(server: Server, tmp_path: Path) -> None:
    script = _script()
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HOME": os.environ.get("HOME", "/"),
        "TMPDIR": str(tmp_path),
        "PLUGPOOL": f"http://127.0.0.1:{server.port}",
        "VAR_DIR": str(server.folder),
        "WEBHOOK_PORT": str(server.receiver_port),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "contract.pem: revoked" in done.stdout


def _script() -> str:
    """The page's blocks, one after the other."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


def test_the_page_calls_every_operation(http: httpx.Client) -> None:
    called = set()
    for line in _script().replace("\\\n", "").splitlines():
        for call in re.findall(r'curl -sSf ([^|]*?"\$PLUGPOOL/[^|]*)', line):
            method = re.search("-X ([A-Z]+)", call)
            posts = re.search(" (-d|--data-binary) ", call)
            target = re.search(r'"\$PLUGPOOL(/[^"?]*)', call)
            assert target
            called.add((method[1] if method else "POST" if posts else "GET", target[1]))
    document = http.get("/v1/schema").json()
    missing = [
        (method, path)
        for path, methods in document["paths"].items()
        for method in methods
        if not any(_is(call, method, path) for call in called)
    ]
    assert missing == [
        ("get", "/cps/signer"),  # an older path of /v1/cps/signer
        ("post", "/v1/ccp/signedContractData/{pcid}/{emaid}/priorities"),  # the same of /default
        ("get", "/v1/jobs/{job_id}"),  # the demo has no job; tests/jobs plays one
        ("post", "/v1/jobs/{job_id}/cancel"),
        ("delete", "/v1/root/rootCerts/{root_certificate_id}"),  # others need the demo's roots
    ]


def _is(call: tuple[str, str], method: str, path: str) -> bool:
    form = re.sub(r"\{\w+\}", "[^/]+", path)
    return call[0] == method.upper() and re.fullmatch(form, call[1]) is not None


def test_every_example_of_the_document_works(ecosystem: dict[str, Any], http: httpx.Client) -> None:
    document = http.get("/v1/schema").json()
    found = {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(found) > LEFT_OUT | OTHERS_NEED_IT
    for name in sorted(set(found) - LEFT_OUT - OTHERS_NEED_IT):
        method, path, operation = found[name]
        answer = http.request(
            method,
            _filled(path, operation),
            json=_body(operation),
            headers=_authorization(ecosystem, operation, http),
        )
        documented = [status for status in operation["responses"] if status.startswith("2")]
        assert [str(answer.status_code)] == documented, (name, answer.text)


def _filled(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            (example,) = parameter["examples"].values()
            path = path.replace(f"{{{parameter['name']}}}", example["value"])
    return path


def _body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    (example,) = content["examples"].values()
    return example["value"]


def _authorization(
    ecosystem: dict[str, Any], operation: dict[str, Any], http: httpx.Client
) -> dict[str, str]:
    """A token of the first party that has one of the roles and owns what the example names."""
    rules = operation.get("x-roles")
    if rules is None:
        return {}
    if role := ROLE_OF.get(operation["operationId"]):
        rules = {role: rules[role]}
    text = json.dumps(operation)
    for organization in ecosystem["organizations"]:
        owned = [*organization["wmis"], *organization["provider_ids"]]
        for client in organization["clients"]:
            rule = next((rules[role] for role in client["roles"] if role in rules), None)
            if rule in ("any", "own organisation") or (
                rule and any(f'"{code}' in text for code in owned)
            ):
                credentials = client["client_id"], client["client_secret"]
                url = ecosystem["token_url"]
                token = Backend(organization["name"], *credentials, url, http).token()
                return {"Authorization": f"Bearer {token}"}
    raise AssertionError(f"nobody may run {operation['operationId']}")
