"""Certificate profiles of ISO 15118 as data: what each certificate of the V2G PKI must be.

ISO 15118-2 Annex F and the clauses cited below; validity bounds are those in use by the
ecosystems of the field.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from v2g.pki.extensions import CLIENT_AUTH, OCSP_SIGNING

MAX_DER_SIZE: Final = 800
"""Octets of one certificate [V2G2-010]."""

_YEAR: Final = timedelta(days=365, hours=6)
_CA_USAGE: Final = frozenset({"keyCertSign", "cRLSign"})


class Branch(Enum):
    """The hierarchy a certificate belongs to; the value is its name in texts for people."""

    V2G = "V2G"
    CPO = "CPO"
    CPS = "CPS"
    MO = "MO"
    OEM = "OEM"


class NameRule(Enum):
    """What the common name of a profile is."""

    FREE = "any text"
    EMAID = "EMAID"
    PCID = "PCID"
    EVCCID = "EVCCID"
    STATION = "EVSEID or SECCID"


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of certificate.

    `path_length` is None where the extension sets none. `required_usage` is what a foreign
    certificate of this kind must allow where it has a KeyUsage at all. `domain_component` is what
    we issue; `accepted_components` and `needs_component` say what a path check takes from others.
    """

    name: str
    branch: Branch
    is_ca: bool
    key_usage: frozenset[str]
    max_validity: timedelta
    path_length: int | None = None
    required_usage: frozenset[str] = frozenset({"digitalSignature"})
    is_root: bool = False
    domain_component: str | None = None
    accepted_components: frozenset[str] = frozenset()
    needs_component: bool = False
    name_rule: NameRule = NameRule.FREE
    extended_key_usage: frozenset[str] | None = None
    ocsp_no_check: bool = False

    @property
    def needs_status_url(self) -> bool:
        """OCSP in the AIA of all but roots and OCSP responders [V2G2-871..876]."""
        return not (self.is_root or self.ocsp_no_check)


def _root(branch: Branch) -> Profile:
    """40 years [V2G2-011], no path length; DC names the branch."""
    return Profile(
        name=f"{branch.value} root",
        branch=branch,
        is_ca=True,
        is_root=True,
        key_usage=_CA_USAGE,
        max_validity=40 * _YEAR,
        domain_component=branch.value,
    )


def _sub_ca(branch: Branch, level: int) -> Profile:
    """Sub1 with path length 1, Sub2 with 0 [V2G2-009]; a DC is neither set nor asked for."""
    signs_data = branch is Branch.MO and level == 2
    return Profile(
        name=f"{branch.value} Sub{level}",
        branch=branch,
        is_ca=True,
        key_usage=_CA_USAGE | ({"digitalSignature", "nonRepudiation"} if signs_data else set()),
        max_validity=(20 if level == 1 else 10) * _YEAR,
        path_length=2 - level,
    )


V2G_ROOT: Final = _root(Branch.V2G)
OEM_ROOT: Final = _root(Branch.OEM)
MO_ROOT: Final = _root(Branch.MO)

CPO_SUB1: Final = _sub_ca(Branch.CPO, 1)
CPO_SUB2: Final = _sub_ca(Branch.CPO, 2)
CPS_SUB1: Final = _sub_ca(Branch.CPS, 1)
CPS_SUB2: Final = _sub_ca(Branch.CPS, 2)
MO_SUB1: Final = _sub_ca(Branch.MO, 1)
MO_SUB2: Final = _sub_ca(Branch.MO, 2)
OEM_SUB1: Final = _sub_ca(Branch.OEM, 1)
OEM_SUB2: Final = _sub_ca(Branch.OEM, 2)

SECC_LEAF: Final = Profile(
    # F.2. keyAgreement serves the static ECDH suite of ISO 15118-2. ISO 15118-20 says CSO for CPO.
    name="SECC",
    branch=Branch.CPO,
    is_ca=False,
    key_usage=frozenset({"digitalSignature", "keyAgreement"}),
    max_validity=timedelta(days=92),
    domain_component="CPO",
    accepted_components=frozenset({"CPO", "CSO"}),
    needs_component=True,
    name_rule=NameRule.STATION,
)
CPS_LEAF: Final = Profile(
    # F.3: signs contract data for vehicles [V2G2-925].
    name="CPS",
    branch=Branch.CPS,
    is_ca=False,
    key_usage=frozenset({"digitalSignature"}),
    max_validity=4 * _YEAR,
    domain_component="CPS",
    accepted_components=frozenset({"CPS"}),
    needs_component=True,
)
CONTRACT_LEAF: Final = Profile(
    # F.4, CN is the EMAID [V2G2-108].
    name="contract",
    branch=Branch.MO,
    is_ca=False,
    key_usage=frozenset({"digitalSignature", "nonRepudiation", "keyEncipherment", "keyAgreement"}),
    max_validity=2 * _YEAR,
    domain_component="MO",
    accepted_components=frozenset({"MO"}),
    name_rule=NameRule.EMAID,
)
OEM_LEAF: Final = Profile(
    # F.5, CN is the PCID [V2G2-933], keyAgreement opens the contract key [V2G2-822].
    name="OEM provisioning",
    branch=Branch.OEM,
    is_ca=False,
    key_usage=frozenset({"digitalSignature", "keyAgreement"}),
    required_usage=frozenset({"digitalSignature", "keyAgreement"}),
    max_validity=4 * _YEAR,
    domain_component="OEM",
    accepted_components=frozenset({"OEM"}),
    name_rule=NameRule.PCID,
)
VEHICLE_LEAF: Final = Profile(
    # The TLS client certificate of a vehicle in ISO 15118-20 [V2G20-2598].
    name="vehicle",
    branch=Branch.OEM,
    is_ca=False,
    key_usage=frozenset({"digitalSignature"}),
    max_validity=4 * _YEAR,
    domain_component="EV",
    accepted_components=frozenset({"EV"}),
    needs_component=True,
    name_rule=NameRule.EVCCID,
    extended_key_usage=frozenset({CLIENT_AUTH}),
)
OCSP_RESPONDER: Final = Profile(
    # RFC 6960 4.2.2.2: delegated by the issuer, itself without a status.
    name="OCSP responder",
    branch=Branch.V2G,
    is_ca=False,
    key_usage=frozenset({"digitalSignature"}),
    max_validity=timedelta(days=92),
    extended_key_usage=frozenset({OCSP_SIGNING}),
    ocsp_no_check=True,
)

TRUST_LIST_SIGNER: Final = Profile(
    # Ours: signs the list of trusted roots as CMS (RFC 5652). Without DC it is no CPS certificate.
    name="trust list",
    branch=Branch.CPS,
    is_ca=False,
    key_usage=frozenset({"digitalSignature"}),
    max_validity=_YEAR,
)

ROOTS: Final = {profile.branch: profile for profile in (V2G_ROOT, OEM_ROOT, MO_ROOT)}
SUB_CAS: Final = {
    Branch.CPO: (CPO_SUB1, CPO_SUB2),
    Branch.CPS: (CPS_SUB1, CPS_SUB2),
    Branch.MO: (MO_SUB1, MO_SUB2),
    Branch.OEM: (OEM_SUB1, OEM_SUB2),
}
"""Sub1 and Sub2 of each branch."""
LEAVES: Final = {
    profile.branch: profile for profile in (SECC_LEAF, CPS_LEAF, CONTRACT_LEAF, OEM_LEAF)
}
