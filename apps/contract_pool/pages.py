"""The detail pages of contracts, contract data and deliveries."""

from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.pages import history_tab
from apps.contract_pool import reasons, renewal, timeline
from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.contract_pool.renewal import Plan
from apps.core.actor import Actor, Role
from apps.core.web import certificates, display
from apps.core.web.certificates import ICONS, Link
from apps.core.web.display import Badge
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard, Text, Value
from apps.participants import rights
from apps.pki.models import SubCa
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import verdict
from v2g import exi
from v2g.errors import ExiError
from v2g.ids import Pcid
from v2g.messages import iso2
from v2g.pki.profiles import CONTRACT_LEAF

SHOWN = 50
"""Contracts on the page of a vehicle; it has few."""

ENDINGS: Final[dict[str, Text]] = {
    "terminated": gettext_lazy("ended by the mobility operator"),
    "certificate_revoked": gettext_lazy("its certificate was revoked"),
    "vehicle_withdrawn": gettext_lazy("the car maker withdrew the vehicle"),
    "vehicle_replaced": gettext_lazy("the vehicle got another PCID"),
    "vehicle_rekeyed": gettext_lazy("the vehicle got a new key"),
    "vehicle_reset": gettext_lazy("the vehicle was reset to factory state"),
    "vehicle_revoked": gettext_lazy("the vehicle's certificate was revoked"),
    "vehicle_sub_ca_revoked": gettext_lazy("an authority above the vehicle was revoked"),
}
"""Why contracts end, in words."""


def state_badge(contract: Contract) -> Badge:
    """Say how a contract stands."""
    if contract.state == Contract.State.ENDED:
        return Badge(_("Ended"))
    term = display.validity(contract.begins, contract.ends)
    return Badge(_("Running"), "success") if term == display.VALID else term


def outcome_badge(delivery: Delivery) -> Badge:
    """Say how a delivery went."""
    if delivery.outcome == Delivery.Outcome.DELIVERED:
        return Badge(_("Delivered"), "success")
    return Badge(_("Refused"), "danger")


def contract_page(contract: Contract, viewer: Actor) -> Page:
    """A contract with its data for each V2G root."""
    rows = contract.data.select_related("root").order_by("root__common_name", "pk")
    plan = renewal.plan(contract)
    life = timeline.card(contract, plan, why_ended=_why(contract))
    cards = (life, _terms(contract), _data(rows), _renewal(contract, plan))
    return Page(
        heading=contract.emaid,
        code=True,
        badges=(state_badge(contract),),
        line=_line(contract),
        alert=_alert(contract, plan),
        tabs=(
            Tab(key="contract", title=_("Contract"), cards=cards),
            history_tab(viewer, "contract", contract.emaid_key),
        ),
    )


def _alert(contract: Contract, plan: Plan) -> Text:
    """Say what has to be done now, if anything."""
    if contract.state == Contract.State.ENDED or contract.ends < timezone.now():
        return ""
    if plan.certificate_ends is None:
        return _("Nothing is stored for this contract: no vehicle can install it.")
    if plan.due is None or plan.due > timezone.now():
        return ""
    said = {"day": display.day(plan.certificate_ends)}
    if plan.by_us:
        return _("The contract certificate ends on %(day)s: renewal is due.") % said
    return _("The contract certificate ends on %(day)s: hand in new contract data.") % said


def _line(contract: Contract) -> str:
    if contract.ended_at:
        return _("Contract · ended %(day)s") % {"day": display.day(contract.ended_at)}
    return _("Contract · runs until %(day)s") % {"day": display.day(contract.ends)}


def contracts_tab(vehicle: ProvisioningCertificate, viewer: Actor) -> Tab | None:
    """The contracts of a vehicle on its page, as far as the viewer may know them."""
    wmi = Pcid(vehicle.pcid).wmi
    allowed = rights.may_on(viewer, rights.Operation.CCP_CONTRACTS_OF_VEHICLE, wmi=wmi)
    if not allowed and not viewer.has(Role.OPERATOR):
        return None
    rows = Contract.objects.filter(pcid=vehicle.pcid).running().order_by("-is_default", "-pk")
    linked = viewer.has(Role.OPERATOR)
    card = TableCard(
        title=_("Contracts"),
        note=_("running for this vehicle"),
        columns=(_("EMAID"), _("Runs until"), _("Default"), _("Status")),
        rows=tuple(_contract_row(contract, linked=linked) for contract in rows[:SHOWN]),
        empty=_("No contract runs for this vehicle."),
    )
    return Tab(key="contracts", title=_("Contracts"), cards=(card,))


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


def delivery_page(delivery: Delivery) -> Page:
    """One request and its outcome."""
    facts = (
        Fact(label=_("Time"), value=display.moment_cell(delivery.at)),
        Fact(label=_("Asked by"), value=delivery.organization.name, note=delivery.caller),
        Fact(label=_("Way"), value=delivery.get_way_display()),
        Fact(label=_("PCID"), value=delivery.pcid, code=True),
        Fact(label=_("EMAID"), value=delivery.emaid_key, code=True),
    )
    cards: list[Card] = [FactsCard(title=_("Request"), facts=facts)]
    if delivery.reason:
        cards.insert(0, _refusal(delivery))
    return Page(
        heading=delivery.emaid_key or delivery.pcid or _("Request"),
        code=True,
        badges=(outcome_badge(delivery),),
        line=_("%(way)s · %(time)s")
        % {"way": delivery.get_way_display(), "time": display.distance(delivery.at)},
        tabs=(Tab(key="request", title=_("Request"), cards=tuple(cards)),),
    )


def _refusal(delivery: Delivery) -> Card:
    reason = reasons.reason_of(delivery.reason)
    return FactsCard(
        title=_("Why it was refused"),
        facts=(
            Fact(label=_("Reason"), value=reason.short, note=reason.sentence),
            Fact(label=_("What to do"), value=reason.repair),
            Fact(label=_("Code"), value=delivery.reason, code=True),
        ),
    )


def _data(rows: Any) -> Card:
    return TableCard(
        title=_("Contract data"),
        note=_("one bundle per V2G root"),
        columns=(_("V2G root"), _("Valid until"), _("Status")),
        rows=tuple(_data_row(data) for data in rows),
        empty=_("Nothing is stored for this contract: no vehicle can install it."),
    )


def _data_row(data: ContractData) -> Row:
    return Row(
        href=reverse("admin:contract_pool_contractdata_change", args=[data.pk]),
        cells=(
            str(data.root),
            display.date_cell(data.valid_until),
            display.validity(data.valid_from, data.valid_until),
        ),
    )


def _contract_row(contract: Contract, *, linked: bool) -> Row:
    """Only who has pages of contracts gets a link."""
    address = reverse("admin:contract_pool_contract_change", args=[contract.pk])
    return Row(
        href=address if linked else "",
        cells=(
            display.code(contract.emaid),
            display.date_cell(contract.ends),
            _("Yes") if contract.is_default else display.EMPTY,
            state_badge(contract),
        ),
    )


def _terms(contract: Contract) -> Card:
    default = _("Yes, charge points install this one") if contract.is_default else _("No")
    facts = [
        Fact(label=_("EMAID"), value=contract.emaid, code=True, copy=True),
        Fact(label=_("Vehicle (PCID)"), value=contract.pcid, code=True, copy=True),
        Fact(label=_("MO"), value=contract.mo.name),
        Fact(label=_("Default of the vehicle"), value=default),
        Fact(label=_("Begins"), value=display.moment(contract.begins)),
        Fact(label=_("Runs until"), value=display.date_cell(contract.ends)),
        Fact(label=_("Concluded"), value=display.moment(contract.concluded_at)),
    ]
    if contract.ended_at:
        ended = display.moment(contract.ended_at)
        facts.append(Fact(label=_("Ended"), value=ended, note=_why(contract)))
    if contract.subscription_url:
        facts.append(Fact(label=_("Subscription"), value=contract.subscription_url))
    return FactsCard(title=_("Terms"), facts=tuple(facts))


def _renewal(contract: Contract, plan: Plan) -> Card:
    due, note = _due(contract, plan)
    by = _("V2G MO CA") if plan.by_us else _("Your own CA: hand in new contract data")
    return FactsCard(
        title=_("Renewal"),
        facts=(
            Fact(
                label=_("Certificate valid until"), value=display.date_cell(plan.certificate_ends)
            ),
            Fact(label=_("Renewal due"), value=due, note=note),
            Fact(label=_("Made by"), value=by),
        ),
    )


def _due(contract: Contract, plan: Plan) -> tuple[Value, Text]:
    if plan.due is not None:
        days = {"count": contract.mo.renewal_window_days}
        window = _("%(count)s days before the certificate ends") % days
        return display.date_cell(plan.due), window
    if plan.certificate_ends is None or contract.state == Contract.State.ENDED:
        return display.EMPTY, ""
    return _("Not needed"), _("The certificate lasts as long as the contract.")


def _why(contract: Contract) -> Text:
    return ENDINGS.get(contract.end_reason, contract.end_reason)


def _contract_links(data: ContractData) -> list[Link]:
    """The contract chain, root first; the certificate itself stands in the bundle only."""
    href = reverse("admin:root_pool_rootcertificate_change", args=[data.contract_root.uuid])
    root = Link(kind=_("Root"), der=bytes(data.contract_root.der), icon=ICONS["root"], href=href)
    links = [root, *_sub_cas(data.contract_sub_ca1, data.contract_sub_ca2)]
    message = _response(data)
    if message:
        leaf = message.contract_signature_cert_chain.certificate
        links.append(Link(kind=_("Contract"), der=leaf, icon=ICONS["leaf"]))
    return links


def _sub_cas(sub1: SubCa, sub2: SubCa | None) -> list[Link]:
    links = [Link(kind=_("Sub-CA 1"), der=bytes(sub1.der))]
    if sub2:
        links.append(Link(kind=_("Sub-CA 2"), der=bytes(sub2.der)))
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
