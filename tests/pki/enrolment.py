"""Parties that enrol: one per label, each with an identifier of its own, and what they send."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client

from apps.core.actor import Role
from apps.participants import selectors, tokens
from apps.participants.models import ApiClient, Organization
from tests.factories import parties, pki
from v2g.pki.bundle import read_bundle
from v2g.pki.certificate import Certificate

NAMES: Final = {
    "cpo": "DE*ICE*E45B*78C",
    "mo": "DE8AAC123456783",
    "emsp": "DE8AAC123456783",
    "oem": "WVWTESTPCID000001",
    "veh": "WVWV123456789ABCDEF7",
    "cps": "CPS 1",
}
"""A common name of each label that `party_for` owns."""
FOREIGN: Final = {
    "cpo": "FR*XYZ*E45B*78C",
    "mo": "FRXYZC123456783",
    "emsp": "FRXYZC123456783",
    "oem": "WBATESTPCID000001",
    "veh": "WBAV123456789ABCDEF7",
}


@dataclass(frozen=True)
class Party:
    """An API client with its secret, and how it calls EST."""

    organization: Organization
    client: ApiClient
    secret: str

    @property
    def token(self) -> str:
        actor = selectors.actor_of_client(self.client.client_id)
        return tokens.issue(actor, audience="http://testserver")

    @property
    def basic(self) -> str:
        return base64.b64encode(f"{self.client.client_id}:{self.secret}".encode()).decode()

    def post(self, path: str, body: bytes, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        http = Client(raise_request_exception=True)
        return http.post(path, body, content_type="application/pkcs10", headers=sent)

    def get(self, path: str) -> Any:
        return Client().get(path, headers={"Authorization": f"bearer {self.token}"})


def party(*, roles: list[Role], name: str = "", **identifiers: Any) -> Party:
    organization = parties.organization(roles=roles, name=name, **identifiers)
    client, secret = parties.client(organization=organization)
    return Party(organization, client, secret)


def party_for(label: str) -> Party:
    """An organisation with the role of the label that owns its name in NAMES."""
    if label == "cpo":
        return party(roles=[Role.CPO], operator_ids=["DEICE"])
    if label in ("mo", "emsp"):
        return party(roles=[Role.MO], provider_ids=["DE8AA"])
    if label == "cps":
        return party(roles=[Role.CPS])
    return party(roles=[Role.OEM], wmis=["WVW"])


def csr(
    common_name: str | None,
    *,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    form: Encoding = Encoding.DER,
) -> bytes:
    """A signing request that asks for far more than it will get."""
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Somebody else")]
    if common_name is not None:
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    built = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name(names))
        .add_extension(x509.BasicConstraints(ca=True, path_length=3), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.test")]), critical=False)
    )
    return built.sign(key or pki.make_key("enrolled"), hashes.SHA256()).public_bytes(form)


def certificates_in(response: Any) -> list[Certificate]:
    """What a certs-only answer carries, after checking its form."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/pkcs7-mime; smime-type=certs-only"
    assert response["Content-Transfer-Encoding"] == "base64"
    assert response.content.endswith(b"\n")
    assert max(map(len, response.content.splitlines())) <= 76
    return read_bundle(base64.b64decode(response.content))


def refusal(response: Any, status: int) -> str:
    """The line of text of a refusal."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text: str = response.content.decode()
    assert text.endswith("\n")
    return text.strip()
