"""The CCP in the portal: contracts, their data, and what was fetched."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.contract_pool import decisions, pages, reasons, visibility
from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.core.actor import Actor, Role
from apps.core.web import display, filters
from apps.core.web.admin import ScopedAdmin
from apps.core.web.deciding import ListLink
from apps.core.web.exporting import columns
from apps.core.web.pages import Page
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_pool.admin import ProvisioningCertificateAdmin

ProvisioningCertificateAdmin.extend(
    action_pages=(decisions.SetDefault(),), tabs=(pages.contracts_tab,)
)

CONTRACT_ROLES = frozenset({Role.MO, Role.OPERATOR})


@admin.register(Contract)
class ContractAdmin(ScopedAdmin):
    """An MO's own contracts, all for the operator."""

    slug = "contracts"
    roles = CONTRACT_ROLES
    menu_title = _("Contracts")
    menu_icon = "receipt_long"
    menu_order = 20
    empty_text = _("Conclude the first contract. You need the PCID of the vehicle.")
    list_display = (
        "emaid_column",
        "pcid_column",
        "concluded",
        "default",
        "ends_column",
        "state_column",
    )
    sortable_by = ("concluded",)
    operator_columns = ("mo_column",)
    list_select_related = ("mo",)
    list_filter = (
        filters.choice("state", _("State"), Contract.State.choices),
        filters.end("ends", _("Runs until")),
    )
    search_fields = ("emaid__startswith", "pcid__startswith")
    search_upper = True
    search_help_text = _("EMAID or PCID, from its beginning")
    action_pages = (decisions.End(),)
    export_columns = columns(
        pcid="pcid",
        emaid="emaid",
        begins="begins",
        ends="ends",
        default="is_default",
        state="state",
        metadata="meta_data",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return visibility.visible(viewer)

    def list_links(self, viewer: Actor) -> tuple[ListLink, ...]:
        link = ListLink(label=_("Conclude a contract"), name="mo_conclude")
        return (link,) if rights.may(viewer, Operation.CPS_GENERATE) else ()

    @admin.display(description=_("EMAID"))
    def emaid_column(self, contract: Contract) -> SafeString | str:
        return display.code(contract.emaid)

    @admin.display(description=_("MO"))
    def mo_column(self, contract: Contract) -> str:
        return str(contract.mo)

    @admin.display(description=_("Vehicle"))
    def pcid_column(self, contract: Contract) -> SafeString | str:
        return display.code(contract.pcid)

    @admin.display(description=_("Concluded"), ordering="pk")
    def concluded(self, contract: Contract) -> SafeString | str:
        return display.date_cell(contract.concluded_at)

    @admin.display(description=_("Default"))
    def default(self, contract: Contract) -> Any:
        return _("Yes") if contract.is_default else display.EMPTY

    @admin.display(description=_("Runs until"))
    def ends_column(self, contract: Contract) -> SafeString | str:
        return display.date_cell(contract.ends)

    @admin.display(description=_("Status"))
    def state_column(self, contract: Contract) -> SafeString:
        return display.badge(pages.state_badge(contract))

    def page(self, contract: Contract, viewer: Actor) -> Page:
        return pages.contract_page(contract, viewer)


@admin.register(ContractData)
class ContractDataAdmin(ScopedAdmin):
    """What vehicles install: one bundle per contract and V2G root."""

    slug = "contract-data"
    roles = CONTRACT_ROLES
    menu_title = _("Contract data")
    menu_icon = "inventory_2"
    menu_order = 30
    empty_text = _("Data appears here as soon as a contract is signed for a V2G root.")
    ordering = ("-valid_until", "-id")
    list_display = ("emaid", "root_column", "stored", "ends", "status")
    sortable_by = ("ends",)
    operator_columns = ("mo_column",)
    list_select_related = ("contract__mo", "root")
    list_filter = (filters.end("valid_until", _("Valid until")),)
    search_fields = ("contract__emaid__startswith", "contract__pcid__startswith")
    search_upper = True
    search_help_text = _("EMAID or PCID, from its beginning")
    export_columns = columns(
        emaid="contract__emaid",
        pcid="contract__pcid",
        root="root",
        valid_from="valid_from",
        valid_until="valid_until",
        certificate="certificate_fingerprint",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return visibility.visible_data(viewer)

    @admin.display(description=_("EMAID"))
    def emaid(self, data: ContractData) -> SafeString | str:
        return display.code(data.contract.emaid)

    @admin.display(description=_("MO"))
    def mo_column(self, data: ContractData) -> str:
        return str(data.contract.mo)

    @admin.display(description=_("V2G root"))
    def root_column(self, data: ContractData) -> str:
        return str(data.root)

    @admin.display(description=_("Stored"))
    def stored(self, data: ContractData) -> SafeString | str:
        return display.date_cell(data.stored_at)

    @admin.display(description=_("Valid until"), ordering="valid_until")
    def ends(self, data: ContractData) -> SafeString | str:
        return display.date_cell(data.valid_until)

    @admin.display(description=_("Status"))
    def status(self, data: ContractData) -> SafeString:
        return display.badge(display.validity(data.valid_from, data.valid_until))

    def page(self, data: ContractData, viewer: Actor) -> Page:
        return pages.data_page(data)


@admin.register(Delivery)
class DeliveryAdmin(ScopedAdmin):
    """Installation requests of a CPO and pulls of an OEM; all for the operator."""

    slug = "deliveries"
    roles = frozenset({Role.CPO, Role.OEM, Role.OPERATOR})
    menu_title = _("Deliveries")
    menu_icon = "local_shipping"
    menu_order = 40
    empty_text = _("What vehicles fetch through charge points and OEM backends appears here.")
    ordering = ("-at", "-id")
    list_display = (
        "when",
        "way_column",
        "emaid_column",
        "pcid_column",
        "reason_column",
        "outcome_column",
    )
    sortable_by = ("when",)
    operator_columns = ("organization_column",)
    list_select_related = ("organization",)
    list_filter = (
        filters.choice("outcome", _("Outcome"), Delivery.Outcome.choices),
        reasons.ReasonFilter,
        filters.choice("way", _("Way"), Delivery.Way.choices),
        filters.period("at", _("Time")),
    )
    search_fields = ("pcid__startswith", "emaid_key__startswith")
    search_upper = True
    search_help_text = _("PCID or EMAID, from its beginning")
    export_columns = columns(
        at="at",
        way="way",
        outcome="outcome",
        reason="reason",
        pcid="pcid",
        emaid="emaid_key",
        asked_by="organization",
        client="caller",
    )

    def visible_to(self, viewer: Actor) -> Any:
        return visibility.visible_deliveries(viewer)

    @admin.display(description=_("Time"), ordering="at")
    def when(self, delivery: Delivery) -> SafeString | str:
        return display.moment_cell(delivery.at)

    @admin.display(description=_("Asked by"))
    def organization_column(self, delivery: Delivery) -> str:
        return str(delivery.organization)

    @admin.display(description=_("Way"))
    def way_column(self, delivery: Delivery) -> str:
        return delivery.get_way_display()

    @admin.display(description=_("EMAID"))
    def emaid_column(self, delivery: Delivery) -> SafeString | str:
        return display.code(delivery.emaid_key)

    @admin.display(description=_("Vehicle"))
    def pcid_column(self, delivery: Delivery) -> SafeString | str:
        return display.code(delivery.pcid)

    @admin.display(description=_("Reason"))
    def reason_column(self, delivery: Delivery) -> Any:
        return reasons.reason_of(delivery.reason).short if delivery.reason else display.EMPTY

    @admin.display(description=_("Status"))
    def outcome_column(self, delivery: Delivery) -> SafeString:
        return display.badge(pages.outcome_badge(delivery))

    def page(self, delivery: Delivery, viewer: Actor) -> Page:
        return pages.delivery_page(delivery)
