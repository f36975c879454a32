"""Who and what the demo ecosystem consists of. Every name and code is made up."""

from dataclasses import dataclass, field
from typing import Final

from apps.core.actor import Right, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who logs in."""

    name: str
    email: str
    right: Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One organisation; the first person acts for it while the demo is built."""

    slug: str
    name: str
    roles: tuple[Role, ...]
    people: tuple[Person, ...]
    own_pki: bool = False
    wmis: tuple[str, ...] = ()
    provider_ids: tuple[str, ...] = ()
    operator_ids: tuple[str, ...] = ()
    clients: tuple[tuple[Role, ...], ...] = field(default_factory=tuple)
    """The roles of each API client; without any, one client has all roles."""


OPERATOR: Final = Party(
    slug="operator",
    name="Plugpool Operations",
    roles=(Role.OPERATOR, Role.CPS),
    people=(
        Person("Anna Operator", "anna@operator.example", Right.ADMIN),
        Person("Ben Operator", "ben@operator.example", Right.ADMIN),
    ),
    clients=((Role.OPERATOR,), (Role.CPS,)),
)
AURORA: Final = Party(
    slug="aurora",
    name="Aurora Motors",
    roles=(Role.OEM,),
    own_pki=True,
    wmis=("AUR",),
    people=(
        Person("Otto Meyer", "otto@aurora.example", Right.ADMIN),
        Person("Vera Lind", "vera@aurora.example", Right.VIEWER),
    ),
)
BOREALIS: Final = Party(
    slug="borealis",
    name="Borealis Cars",
    roles=(Role.OEM,),
    wmis=("BRL",),
    people=(Person("Olga Nord", "olga@borealis.example", Right.ADMIN),),
)
CHARGEWELL: Final = Party(
    slug="chargewell",
    name="Chargewell",
    roles=(Role.MO,),
    provider_ids=("DECWL",),
    people=(
        Person("Mia Contract", "mia@chargewell.example", Right.ADMIN),
        Person("Emil Berg", "emil@chargewell.example", Right.EDITOR),
    ),
)
DIRECT: Final = Party(
    slug="direct",
    name="Direct Mobility",
    roles=(Role.MO,),
    own_pki=True,
    provider_ids=("NLDIR",),
    people=(Person("Max de Boer", "max@direct.example", Right.ADMIN),),
)
EVERGREEN: Final = Party(
    slug="evergreen",
    name="Evergreen Charging",
    roles=(Role.CPO,),
    operator_ids=("DEEVG",),
    people=(Person("Cora Plug", "cora@evergreen.example", Right.ADMIN),),
)
PARTIES: Final = (OPERATOR, AURORA, BOREALIS, CHARGEWELL, DIRECT, EVERGREEN)

VEHICLES: Final = {
    AURORA.slug: tuple(f"AURDEMO{number:010d}" for number in range(1, 8)),
    BOREALIS.slug: tuple(f"BRLDEMO{number:010d}" for number in range(1, 6)),
}
"""PCIDs by OEM: Aurora issues in its own PKI, Borealis below the V2G OEM sub-CA."""

_AUR, _BRL = VEHICLES[AURORA.slug], VEHICLES[BOREALIS.slug]

GENERATED: Final = (
    ("C00000001", _AUR[0]),
    ("C00000002", _AUR[1]),
    ("C00000003", _AUR[2]),
    ("C00000004", _BRL[0]),
    ("C00000005", _BRL[1]),
)
"""Contracts of Chargewell, made by the V2G MO CA: the instance of the EMAID, and the vehicle."""
SELF_MADE: Final = (
    ("C00000101", _AUR[3]),
    ("C00000102", _BRL[2]),
    ("C00000103", _AUR[0]),
)
"""Contracts of Direct Mobility from its own CA; the last is the vehicle's second, not default."""
