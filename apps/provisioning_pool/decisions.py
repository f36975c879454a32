"""What an OEM's people do to a vehicle: reset it to factory state, or withdraw it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core.actor import Actor
from apps.core.web.actions import ActionPage, ReasonForm
from apps.core.web.display import number
from apps.core.web.pages import Text
from apps.participants import rights
from apps.participants.rights import Operation
from apps.provisioning_pool import dependants, services
from apps.provisioning_pool.models import ProvisioningCertificate
from v2g.ids import Pcid


class _OfOwner(ActionPage):
    """Open to the OEM that published the vehicle, which confirms by the PCID."""

    operation: ClassVar[Operation]
    form = ReasonForm
    typed = _("To confirm, type the PCID of the vehicle")

    def may(self, vehicle: ProvisioningCertificate, viewer: Actor) -> bool:
        is_own = vehicle.owner_id == viewer.organization_id
        return is_own and rights.may_on(viewer, self.operation, wmi=Pcid(vehicle.pcid).wmi)

    def expected(self, vehicle: ProvisioningCertificate) -> str:
        return vehicle.pcid


class FactoryReset(_OfOwner):
    """The vehicle forgot what was installed in it."""

    key = "factory-reset"
    label = _("Reset to factory state")
    title = _("Reset this vehicle to factory state?")
    lead = _("Do this when the vehicle itself was reset. It cannot be taken back.")
    done = _("%(name)s was reset to factory state. Its provisioning certificate stays in the pool.")
    operation = Operation.PCP_FACTORY_RESET

    def follows(self, vehicle: ProvisioningCertificate) -> tuple[Text, ...]:
        stays = _("The provisioning certificate stays: new contracts can be concluded at once.")
        return (*_contracts(vehicle), stays)

    def run(self, actor: Actor, vehicle: ProvisioningCertificate, typed: Mapping[str, Any]) -> None:
        services.factory_reset(actor=actor, pcid=Pcid(vehicle.pcid), note=typed["reason"])


class Withdraw(_OfOwner):
    """The vehicle leaves the pool."""

    key = "withdraw"
    label = _("Withdraw")
    title = _("Withdraw this vehicle from the pool?")
    lead = _("Its provisioning certificate is deleted here. It cannot be taken back.")
    done = _("%(name)s was withdrawn. No contract can be concluded for it any more.")
    operation = Operation.PCP_WITHDRAW

    def follows(self, vehicle: ProvisioningCertificate) -> tuple[Text, ...]:
        gone = _("Mobility operators do not find the vehicle until it is published anew.")
        return (*_contracts(vehicle), gone)

    def run(self, actor: Actor, vehicle: ProvisioningCertificate, typed: Mapping[str, Any]) -> None:
        services.withdraw(actor=actor, pcid=Pcid(vehicle.pcid), note=typed["reason"])


ACTION_PAGES: Final = (FactoryReset(), Withdraw())


def _contracts(vehicle: ProvisioningCertificate) -> tuple[Text, ...]:
    count = dependants.count(vehicle).get("contracts", 0)
    if not count:
        return (_("No contract runs for this vehicle."),)
    ends = ngettext(
        "%(count)s running contract ends, and its mobility operator is told.",
        "%(count)s running contracts end, and their mobility operators are told.",
        count,
    )
    revoked = _("Contract certificates that were issued here for it are revoked.")
    return (ends % {"count": number(count)}, revoked)
