"""A car maker whose vehicles' status OpenSSL tells, and how its vehicles are published."""

from dataclasses import dataclass
from typing import Any

from apps.audit.models import AuditEvent
from apps.participants.models import Organization
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.factories import parties, pki, trust
from tests.factories.calls import Caller, messages
from tests.provisioning_pool.bodies import publication
from v2g.pki.profiles import OCSP_RESPONDER, OEM_LEAF

PATH = "/v1/oem/provCerts"
UNKNOWN = "no CRL or OCSP responder gave an answer that can be verified"


@dataclass(frozen=True)
class Maker:
    """The organisation, its backend, and its PKI: only the status of leaves is to be learnt."""

    organization: Organization
    backend: Caller
    made: pki.Pki

    def vehicle(self, serial: int, **services: str) -> pki.Holder:
        """A provisioning certificate with this serial number, naming these services."""
        template = pki.make_leaf(self.made, trust.pcid())
        draft = pki.draft_like(template, OEM_LEAF, **({"ocsp_url": ""} | services), serial=serial)
        return pki.Holder(pki.forge(draft, self.made.sub2, self.made.sub2.key), template.key)

    def responder(self, *, ca: pki.Holder | None = None, purpose: bool = True) -> pki.Holder:
        """A certificate to answer OCSP with, from a CA (Sub2); without `purpose` it may not."""
        issuer = ca or self.made.sub2
        template = pki.make_leaf(self.made, trust.pcid())
        profile = OCSP_RESPONDER if purpose else OEM_LEAF
        draft = pki.draft_like(template, profile, ocsp_url="")
        return pki.Holder(pki.forge(draft, issuer, issuer.key), template.key)

    def put(self, leaf: pki.Holder) -> Any:
        return self.backend.put(PATH, publication(trust.chain_of(leaf, self.made)))

    def publish(self, leaf: pki.Holder) -> ProvisioningCertificate:
        """Publish over REST, as it must work; returns the stored row."""
        answer = self.put(leaf)
        assert answer.status_code == 200, answer.content
        return ProvisioningCertificate.objects.get(fingerprint=leaf.certificate.fingerprint)

    def refusal(self, leaf: pki.Holder) -> str:
        """Publish in vain: 400, nothing in the pool, the refusal in the audit; returns the text."""
        answer = self.put(leaf)
        (text,) = messages(answer)
        assert answer.status_code == 400
        stored = ProvisioningCertificate.objects.filter(pcid=leaf.certificate.common_name.upper())
        assert not stored.exists()
        assert AuditEvent.objects.filter(result="refused").exists()
        return str(text)


def make() -> Maker:
    organization = parties.organization(wmis=["WVW"])
    return Maker(organization, Caller(organization), trust.oem_pki(crls_of=("root", "sub1")).pki)


def record_of(leaf: pki.Holder, made: pki.Pki) -> dict[str, str]:
    """What the record of checks says of every leaf, whoever told its status."""
    return {
        "sha256": leaf.certificate.fingerprint.hex(),
        "issuer": made.sub2.certificate.fingerprint.hex(),
        "serial": leaf.certificate.serial_octets.hex(),
    }
