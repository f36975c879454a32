"""The OpenAPI document: complete, valid, and true to the routes and the rights table."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve
from jsonschema import Draft202012Validator

from apps.participants.rights import TABLE
from apps.portal.api.document import document, operations

OPCP = {
    "issue-token",
    "getAllRootCerts",
    "put-v1-root-rootCerts",
    "getRootCert",
    "delete-v1-root-rootCerts-rootCertificateId",
    "addOEMProvCert",
    "getOEMProvCert",
    "deleteOEMProvCert",
    "lookupVehicle",
    "get-cps-signer",
    "put-v1-cps-signContractData",
    "createSignedContractData",
    "createAndForwardSignedContractData",
    "generateSignedContractData",
    "getSignedContractData",
    "addSignedContractData",
    "deleteSignedContractData",
    "provideSignedContractData",
    "setDefaultContract",
    "lookupContract",
    "getContracts",
    "simpleenroll",
    "cacerts",
    "create-webhook-endpoint",
    "get-webhook-endpoints",
    "get-webhook-endpoint",
    "update-webhook-endpoint",
    "delete-webhook-endpoint",
}
IN_PATHS = {"{ca}": "oem", "{iso_version}": "ISO15118-2"}


def _each() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_drf_spectacular_finds_nothing_to_complain_about() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert yaml.safe_load(out.getvalue())["info"]["title"] == "Plugpool"


def test_every_operation_of_opcp_has_its_id_once() -> None:
    names = [operation["operationId"] for _, _, operation in _each()]
    assert len(set(names)) == len(names)
    assert set(names) >= OPCP


def test_each_operation_stands_at_a_route_of_its_method() -> None:
    for path, method, _ in _each():
        plain = path
        for name, value in IN_PATHS.items():
            plain = plain.replace(name, value)
        try:
            view = resolve(plain).func
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")
        allowed = getattr(view, "view_initkwargs", {}).get("http_method_names")
        view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
        if view_class is not None:
            assert hasattr(view_class, method.lower()), (method, path)
            assert allowed is None or method.lower() in allowed


def test_the_rights_are_those_that_the_view_is_audited_under() -> None:
    checked = 0
    for one in operations():
        view = resolve(one.path.replace("{ca}", "oem").replace("{iso_version}", "ISO15118-2")).func
        named = getattr(getattr(view, "cls", None), "operation", None)
        if named is None:
            continue
        actual = named[one.method] if isinstance(named, dict) else named
        assert one.rights == (actual,), one.name
        checked += 1
    assert checked > 25


def test_the_roles_of_each_operation_are_those_of_the_rights_table() -> None:
    named = {one.name: one for one in operations()}
    for _, _, operation in _each():
        rights = named[operation["operationId"]].rights
        roles = {role.value for right in rights for role in TABLE[right].roles}
        assert set(operation.get("x-roles", {})) == roles


def test_an_object_rule_is_told() -> None:
    roles = {operation["operationId"]: operation.get("x-roles") for _, _, operation in _each()}
    assert roles["lookupContract"] == {"MO": "own provider id", "OEM": "own WMI"}
    assert roles["getSignedContractData"] == {"CPO": "any", "OEM": "own WMI"}
    signing = roles["put-v1-cps-signContractData"]
    assert signing == {"MO": "own provider id (with a PKI of its own)"}


def test_clients_learn_where_tokens_come_from() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert schemes["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] == "/oauth/token"
    token = document()["paths"]["/oauth/token"]["post"]
    assert token["security"] == [{}]
    assert document()["paths"]["/v1/oem/provCerts"]["put"]["security"] == [{"oauth2": []}]


def test_each_example_fits_its_own_shape() -> None:
    checked = 0
    for _, _, operation in _each():
        for parameter in operation.get("parameters", []):
            for example in parameter.get("examples", {}).values():
                Draft202012Validator(parameter["schema"]).validate(example["value"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content.get("examples", {}).values():
                shape = {**content["schema"], "components": document()["components"]}
                Draft202012Validator(shape).validate(example["value"])
                checked += 1
    assert checked >= 3


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/json"),
        ("?format=json", "application/yaml", "application/json"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("", "application/yaml", "application/yaml"),
    ],
)
def test_the_document_is_served_to_everybody(query: str, accept: str, kind: str) -> None:
    response = Client().get(f"/v1/schema{query}", headers={"Accept": accept})
    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert yaml.safe_load(response.content)["openapi"].startswith("3.")
    assert not response.cookies
