"""The labels of EST: which certificate each stands for, and who may have it for which name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from apps.core.actor import Actor
from apps.core.emaids import require_check_digit
from apps.participants.rights import Operation, require
from apps.pki.models import Authority
from v2g.ids import Emaid, EvccId, Pcid, parse_station_name
from v2g.pki.profiles import CONTRACT_LEAF, CPS_LEAF, OEM_LEAF, SECC_LEAF, VEHICLE_LEAF, Profile
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True)
class Label:
    """One kind of certificate.

    `own_name` reads the common name as the identifier that the profile asks for (IdError for
    another form, Invalid for a wrong check digit where the setting asks for a right one), lets only
    the owner of its first characters pass (Forbidden), and returns it as the certificate carries
    it. A label with a `fixed_name` makes the common name from the organisation's instead of the
    request's, and the operator decides about each one: no request alone is enough.
    """

    operation: Operation
    purpose: Authority.Purpose
    profile: Profile
    own_name: Callable[[Actor, str], str]
    only_version: IsoVersion | None = None
    fixed_name: Callable[[str], str] | None = None

    @property
    def approved(self) -> bool:
        return self.fixed_name is not None


def _own_station(actor: Actor, name: str) -> str:
    """Stations are known by the name as their operator writes it, and nothing here looks it up."""
    operator_id = parse_station_name(name).operator_id
    require(actor, Operation.EST_ENROLL_CPO, operator_id=operator_id)
    return name


def _own_contract(actor: Actor, name: str) -> str:
    """Canonical: ending a contract finds its certificates by this name."""
    emaid = Emaid.parse(name)
    require(actor, Operation.EST_ENROLL_MO, provider_id=emaid.provider_id)
    require_check_digit(emaid)
    return str(emaid)


def _own_provisioning(actor: Actor, name: str) -> str:
    pcid = Pcid.parse(name)
    require(actor, Operation.EST_ENROLL_OEM, wmi=pcid.wmi)
    return str(pcid)


def _own_vehicle(actor: Actor, name: str) -> str:
    evccid = EvccId.parse(name)
    require(actor, Operation.EST_ENROLL_VEHICLE, wmi=evccid.wmi)
    return str(evccid)


def _own_signer(actor: Actor, name: str) -> str:
    require(actor, Operation.EST_ENROLL_CPS)
    return name


def _signer_name(organization_name: str) -> str:
    """Name the only CPS of an organisation, in the 64 characters of a common name."""
    return f"{organization_name[:60]} CPS"


_MO: Final = Label(
    Operation.EST_ENROLL_MO, Authority.Purpose.MO, CONTRACT_LEAF, own_name=_own_contract
)
LABELS: Final[Mapping[str, Label]] = {
    "cpo": Label(Operation.EST_ENROLL_CPO, Authority.Purpose.CPO, SECC_LEAF, own_name=_own_station),
    "mo": _MO,
    "emsp": _MO,
    "oem": Label(
        Operation.EST_ENROLL_OEM, Authority.Purpose.OEM, OEM_LEAF, own_name=_own_provisioning
    ),
    "veh": Label(
        Operation.EST_ENROLL_VEHICLE,
        Authority.Purpose.OEM,
        VEHICLE_LEAF,
        own_name=_own_vehicle,
        only_version=IsoVersion.ISO_20,
    ),
    "cps": Label(
        Operation.EST_ENROLL_CPS,
        Authority.Purpose.CPS,
        CPS_LEAF,
        own_name=_own_signer,
        fixed_name=_signer_name,
    ),
}
