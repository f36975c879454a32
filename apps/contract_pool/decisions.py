"""What people do to contracts: the MO ends one, the OEM chooses the vehicle's default."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.contract_pool import selectors, services
from apps.contract_pool.forms import DefaultForm
from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.core.web.actions import ActionPage, ReasonForm
from apps.core.web.display import number
from apps.core.web.pages import Fact, Text
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Emaid, Pcid


class End(ActionPage):
    """A contract is terminated; its EMAID confirms."""

    key = "end"
    label = _("End this contract")
    title = _("End this contract?")
    lead = _("The customer can no longer charge with it. It cannot be taken back.")
    done = _("Contract %(name)s has ended. Its data has left the pool.")
    late = _("This contract has ended already.")
    form = ReasonForm
    typed = _("To confirm, type the EMAID of the contract")

    def may(self, contract: Contract, viewer: Actor) -> bool:
        provider_id = Emaid.parse(contract.emaid).provider_id
        is_own = contract.mo_id == viewer.organization_id
        return is_own and rights.may_on(viewer, Operation.CCP_END, provider_id=provider_id)

    def fits(self, contract: Contract) -> bool:
        return contract.state == Contract.State.RUNNING

    def expected(self, contract: Contract) -> str:
        return contract.emaid

    def facts(self, contract: Contract) -> tuple[Fact, ...]:
        return (Fact(label=_("Vehicle (PCID)"), value=contract.pcid, code=True),)

    def follows(self, contract: Contract) -> tuple[Text, ...]:
        issued = len(selectors.issued_for(contract, now=timezone.now()))
        gone = _("Its data leaves the pool: charge points no longer install it in the vehicle.")
        told = _("The car maker is told, if the vehicle is still in the pool.")
        return (gone, _revoked(issued), told)

    def run(self, actor: Actor, contract: Contract, typed: Mapping[str, Any]) -> None:
        emaid = Emaid.parse(contract.emaid)
        services.end(actor=actor, emaid=emaid, note=typed["reason"])


class SetDefault(ActionPage):
    """On the vehicle's page: which of its contracts a charge point installs."""

    key = "default-contract"
    label = _("Choose the default contract")
    title = _("Which contract do charge points install?")
    lead = _("Where a vehicle has several contracts, charge points install the default one.")
    done = _("The default contract of %(name)s was chosen. Charge points install it from now on.")
    late = _("There is no other contract to choose any more.")
    form = DefaultForm
    fields = {"contract_not_found": "emaid"}
    tone = "primary"

    def may(self, vehicle: ProvisioningCertificate, viewer: Actor) -> bool:
        is_own = vehicle.owner_id == viewer.organization_id
        wmi = Pcid(vehicle.pcid).wmi
        return is_own and rights.may_on(viewer, Operation.CCP_SET_DEFAULT, wmi=wmi)

    def fits(self, vehicle: ProvisioningCertificate) -> bool:
        running = Contract.objects.running().of_vehicles([vehicle.pcid])
        return running.filter(is_default=False).exists()

    def run(self, actor: Actor, vehicle: ProvisioningCertificate, typed: Mapping[str, Any]) -> None:
        emaid = Emaid.parse(typed["emaid"])
        services.set_default(actor=actor, pcid=Pcid(vehicle.pcid), emaid=emaid)


def _revoked(count: int) -> Text:
    if not count:
        return _("No valid certificate was issued for it here. Revoke one of your own CA there.")
    text = ngettext(
        "%(count)s contract certificate that was issued here is revoked.",
        "%(count)s contract certificates that were issued here are revoked.",
        count,
    )
    return text % {"count": number(count)}
