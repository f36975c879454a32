"""The page of contract data: one bundle for one V2G root."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.contract_pool.models import ContractData
from apps.core.web import certificates, display
from apps.core.web.certificates import ICONS, Link
from apps.core.web.pages import Card, Fact, FactsCard, Page, Tab
from apps.root_pool import verdict
from apps.root_pool.pages import links_above
from v2g import exi
from v2g.errors import ExiError
from v2g.messages import iso2
from v2g.pki.profiles import CONTRACT_LEAF


def data_page(data: ContractData) -> Page:
    """One bundle: the contract chain, the checks, and what the vehicle gets."""
    links = _contract_links(data)
    chain = certificates.chain_card(links)
    checks = certificates.checks_card(data.checks, _labels(data), data.stored_at)
    return Page(
        heading=data.contract.emaid,
        code=True,
        badges=(display.validity(data.valid_from, data.valid_until),),
        files=certificates.files(links),
        line=_("Contract data for %(root)s · valid until %(day)s")
        % {"root": data.root, "day": display.day(data.valid_until)},
        tabs=(
            Tab(
                key="chain", title=_("Chain and checks"), cards=(chain, *_now(data, links), checks)
            ),
            Tab(key="details", title=_("Details"), cards=(*_certificate(data), _bundle(data))),
        ),
    )


def _now(data: ContractData, links: list[Link]) -> tuple[Card, ...]:
    """What the contract chain is worth now, where the contract certificate could be read."""
    if _response(data) is None:
        return ()
    return (verdict.links_card(links, profile=CONTRACT_LEAF, namespace=data.namespace),)


def _contract_links(data: ContractData) -> list[Link]:
    """The contract chain, root first; the certificate itself stands in the bundle only."""
    links = links_above(data.contract_root, data.contract_sub_ca1, data.contract_sub_ca2)
    message = _response(data)
    if message:
        leaf = message.contract_signature_cert_chain.certificate
        links.append(Link(kind=_("Contract"), der=leaf, icon=ICONS["leaf"]))
    return links


def _response(data: ContractData) -> iso2.CertificateInstallationRes | None:
    """Read the stored bundle; None where it is of a protocol that is not read here."""
    try:
        body = exi.decode(bytes(data.exi)).body
    except ExiError:
        return None
    return body if isinstance(body, iso2.CertificateInstallationRes) else None


def _labels(data: ContractData) -> dict[str, Any]:
    labels = {
        bytes(data.certificate_fingerprint).hex(): _("contract certificate"),
        bytes(data.signer_fingerprint).hex(): _("CPS certificate"),
        bytes(data.contract_sub_ca1.fingerprint).hex(): _("MO Sub-CA 1"),
    }
    if data.contract_sub_ca2:
        labels[bytes(data.contract_sub_ca2.fingerprint).hex()] = _("MO Sub-CA 2")
    return labels


def _certificate(data: ContractData) -> tuple[Card, ...]:
    message = _response(data)
    if message is None:
        return ()
    der = message.contract_signature_cert_chain.certificate
    return (certificates.facts_card(der, title=_("Contract certificate")),)


def _bundle(data: ContractData) -> Card:
    contract = reverse("admin:contract_pool_contract_change", args=[data.contract_id])
    root = reverse("admin:root_pool_rootcertificate_change", args=[data.root.uuid])
    signer = certificates.hexadecimal(data.signer_fingerprint)
    octets = _("%(count)s bytes of EXI") % {"count": display.number(len(data.exi))}
    facts = (
        Fact(label=_("Contract"), value=data.contract.emaid, code=True, href=contract),
        Fact(label=_("Vehicle (PCID)"), value=data.contract.pcid, code=True, copy=True),
        Fact(label=_("Signed under"), value=str(data.root), href=root),
        Fact(label=_("Signer (SHA-256)"), value=signer, code=True),
        Fact(label=_("Valid from"), value=display.moment(data.valid_from)),
        Fact(label=_("Valid until"), value=display.date_cell(data.valid_until)),
        Fact(label=_("Stored"), value=display.moment(data.stored_at)),
        Fact(label=_("Protocol"), value=data.namespace, code=True),
        Fact(label=_("Size"), value=octets),
    )
    return FactsCard(title=_("Signed bundle"), facts=facts)
