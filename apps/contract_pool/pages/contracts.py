"""The page of a contract, and the contracts on the page of a vehicle."""

from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.audit.pages import history_tab
from apps.contract_pool import renewal, timeline
from apps.contract_pool.models import Contract, ContractData
from apps.contract_pool.renewal import Plan
from apps.core.actor import Actor, Role
from apps.core.web import display
from apps.core.web.display import Badge
from apps.core.web.pages import Card, Fact, FactsCard, Page, Row, Tab, TableCard, Text, Value
from apps.participants import rights
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Pcid

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


def _alert(contract: Contract, plan: Plan) -> Text:
    """Say what has to be done now, if anything."""
    if contract.state == Contract.State.ENDED or contract.ends < timezone.now():
        return ""
    if plan.certificate_ends is None:
        return _("Nothing is stored for this contract: no vehicle can install it.")
    if plan.due is None or plan.due > timezone.now():
        return ""
    said = {"day": display.day(plan.certificate_ends)}
    if plan.by_us and plan.asked_at is None:
        return _("The contract certificate ends on %(day)s: renewal is due.") % said
    if plan.by_us:
        return _("The contract certificate ends on %(day)s: it is being renewed.") % said
    return _("The contract certificate ends on %(day)s: hand in new contract data.") % said


def _line(contract: Contract) -> str:
    if contract.ended_at:
        return _("Contract · ended %(day)s") % {"day": display.day(contract.ended_at)}
    return _("Contract · runs until %(day)s") % {"day": display.day(contract.ends)}


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
    ends = display.date_cell(plan.certificate_ends)
    facts = [
        Fact(label=_("Certificate valid until"), value=ends),
        Fact(label=_("Renewal due"), value=due, note=note),
        Fact(label=_("Made by"), value=by),
    ]
    if plan.asked_at is not None:
        label = _("Renewal last tried") if plan.by_us else _("Asked for")
        facts.append(Fact(label=label, value=display.date_cell(plan.asked_at)))
    return FactsCard(title=_("Renewal"), facts=tuple(facts))


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
