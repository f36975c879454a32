"""What the first start leaves for scripts and people."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from apps.demo.lifecycle import est
from apps.demo.lifecycle.backends import Backend
from apps.demo.lifecycle.server import Server
from v2g.pki.anchors import Anchor, Anchors, RootKind
from v2g.pki.chains import check_chain
from v2g.pki.profiles import CONTRACT_LEAF, OEM_LEAF, SECC_LEAF, VEHICLE_LEAF, Profile
from v2g.protocol import IsoVersion

pytestmark = pytest.mark.stack

ROLES = {"OEM", "MO", "CPO", "CPS", "OPERATOR"}


def backend(ecosystem: dict[str, Any], http: httpx.Client, role: str, name: str = "") -> Backend:
    organization, client = next(
        (organization, client)
        for organization in ecosystem["organizations"]
        for client in organization["clients"]
        if role in client["roles"] and name in ("", organization["name"])
    )
    return Backend(
        organization["name"],
        client["client_id"],
        client["client_secret"],
        ecosystem["token_url"],
        http,
    )


def test_every_client_gets_a_token_and_reads_the_roots(
    ecosystem: dict[str, Any], http: httpx.Client
) -> None:
    clients = [one for each in ecosystem["organizations"] for one in each["clients"]]
    assert {role for client in clients for role in client["roles"]} == ROLES
    for role in ROLES:
        found = backend(ecosystem, http, role).call("GET", "/v1/root/rootCerts")
        roots = found["RootCertificateCollection"]["rootCertificates"]
        assert {"V2G", "OEM", "MO"} <= {root["rootType"] for root in roots}


@pytest.mark.parametrize(
    ("label", "role", "party", "name", "profile"),
    [
        ("veh", "OEM", "Borealis Cars", "BRLV123456789ABCDEF7", VEHICLE_LEAF),
        ("oem", "OEM", "Borealis Cars", "BRLDEMO2000000001", OEM_LEAF),
        ("mo", "MO", "Chargewell", "DECWLC20000000", CONTRACT_LEAF),
        ("cpo", "CPO", "", "DE*EVG*E2000", SECC_LEAF),
    ],
)
def test_every_label_enrols_for_iso_15118_20_too(
    ecosystem: dict[str, Any],
    http: httpx.Client,
    label: str,
    role: str,
    party: str,
    name: str,
    profile: Profile,
) -> None:
    version = IsoVersion.ISO_20
    caller = backend(ecosystem, http, role, party)
    key = ec.generate_private_key(version.curve)
    leaf = est.enrol(caller, "simpleenroll", label=label, key=key, name=name, version=version)
    *above, root = est.authorities(caller, label=label, version=version)
    listed = caller.call("GET", "/v1/root/rootCerts")["RootCertificateCollection"]
    known = [b64decode(one["caCertificate"]) for one in listed["rootCertificates"]]
    assert root.der in known
    anchors = Anchors([Anchor(root, RootKind.V2G)])
    at = datetime.now(UTC)
    check_chain(leaf, above, anchors, profile=profile, version=version, at=at)


def test_it_lists_what_is_in_the_pools(ecosystem: dict[str, Any], http: httpx.Client) -> None:
    assert len(ecosystem["vehicles"]) == 12
    assert len(ecosystem["contracts"]) == 8
    assert {one["mo"] for one in ecosystem["contracts"]} == {"Chargewell", "Direct Mobility"}
    mo = backend(ecosystem, http, "MO")
    for vehicle in ecosystem["vehicles"]:
        mo.call("GET", f"/v1/oem/provCerts/lookupVehicle/{vehicle['pcid']}")
    owner = {vehicle["pcid"]: vehicle["oem"] for vehicle in ecosystem["vehicles"]}
    for contract in ecosystem["contracts"]:
        oem = backend(ecosystem, http, "OEM", owner[contract["pcid"]])
        found = oem.call("GET", f"/v1/ccp/signedContractData/{contract['pcid']}")
        flags = {one["emaid"]: one["defaultContract"] for one in found["XMLContracts"]}
        assert flags[contract["emaid"]] == contract["default"]


def test_two_contracts_of_one_vehicle_have_one_default(ecosystem: dict[str, Any]) -> None:
    by_vehicle: dict[str, list[bool]] = {}
    for contract in ecosystem["contracts"]:
        by_vehicle.setdefault(contract["pcid"], []).append(contract["default"])
    assert max(by_vehicle.values(), key=len) == [True, False]
    assert all(flags.count(True) == 1 for flags in by_vehicle.values())


def test_each_vehicle_has_its_key_and_its_chain_leaf_first(
    server: Server, ecosystem: dict[str, Any], http: httpx.Client
) -> None:
    mo = backend(ecosystem, http, "MO")
    for vehicle in ecosystem["vehicles"]:
        folder = server.folder / "demo" / "vehicles" / vehicle["pcid"]
        key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
        chain = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
        assert key.public_key() == chain[0].public_key()
        assert [one.issuer for one in chain[:-1]] == [one.subject for one in chain[1:]]
        sent = mo.call("GET", f"/v1/oem/provCerts/{vehicle['pcid']}")["OEMMessage"]
        leaf = b64encode(chain[0].public_bytes(Encoding.DER)).decode()
        assert sent["vehicleCertificate"] == leaf


def test_only_the_owner_may_read_what_it_wrote(server: Server) -> None:
    below = [*server.folder.rglob("*"), server.folder / "demo"]
    for path in below:
        if path.is_socket():
            continue
        allowed = 0o700 if path.is_dir() else 0o600
        assert _mode(path) & ~allowed == 0, path


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_login_opens_the_portal(ecosystem: dict[str, Any]) -> None:
    for organization in ecosystem["organizations"]:
        for user in organization["users"]:
            with httpx.Client(
                base_url=ecosystem["base_url"], follow_redirects=True, timeout=30, trust_env=False
            ) as browser:
                form = browser.get("/")
                assert form.status_code == 200
                answer = browser.post(
                    form.url,
                    data={
                        "username": user["username"],
                        "password": user["password"],
                        "csrfmiddlewaretoken": _csrf(form.text),
                        "next": "/",
                    },
                    headers={"Referer": str(form.url)},
                )
                assert answer.status_code == 200
                assert user["password"] not in answer.text
                assert 'type="password"' not in answer.text, user["username"]


def _csrf(page: str) -> str:
    return page.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]


def test_the_file_holds_the_form_that_scripts_rely_on(ecosystem: dict[str, Any]) -> None:
    assert set(ecosystem) == {"base_url", "token_url", "organizations", "vehicles", "contracts"}
    assert set(ecosystem["organizations"][0]) == {
        *("name", "roles", "own_pki", "wmis", "provider_ids", "operator_ids"),
        *("clients", "users"),
    }
    assert json.loads(json.dumps(ecosystem)) == ecosystem
