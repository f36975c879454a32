"""Reads of the CCP."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.contract_pool import lookups, paths
from apps.contract_pool.lookups import ContractView
from apps.contract_pool.models import Contract, ContractData
from apps.core.actor import Actor, Role
from apps.core.errors import Invalid, NotFound
from apps.participants import rights
from apps.participants.selectors import owner_of_provider_id
from apps.pki.models import IssuedCertificate, SubCa
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool.models import RootCertificate
from v2g.ids import Emaid, Pcid
from v2g.pki.profiles import CONTRACT_LEAF
from v2g.protocol import IsoVersion

NOT_FOUND = "The contract for the given EMAID not found."
IN_USE = "A contract with this EMAID is running already."
ENDED = "This contract has ended."
RENEWED = "This contract was renewed meanwhile. Nothing more was done."
BOUND = "Invalid Tupple - EMAID is already used by other PCID."


def lookup_contract(
    *, viewer: Actor, emaid: Emaid, version: IsoVersion, root: bytes | UUID | None = None
) -> list[ContractView]:
    """Return the data of a running contract, one entry per V2G root.

    An MO sees its own provider ids, an OEM contracts of its own vehicles; where no contract runs
    there is no vehicle to own. Raises Forbidden, NotFound.
    """
    found = lookups.of_emaid(emaid, version=version)
    if not found:
        if not (viewer.has(Role.OEM) and viewer.wmis):
            rights.require(viewer, rights.Operation.CCP_LOOKUP, provider_id=emaid.provider_id)
        rights.require_role(viewer, rights.Operation.CCP_LOOKUP)
        raise NotFound("contract_not_found", NOT_FOUND)
    wmi = Pcid(found[0].pcid).wmi
    rights.require(viewer, rights.Operation.CCP_LOOKUP, provider_id=emaid.provider_id, wmi=wmi)
    named = paths.named_root(root).pk if root is not None else None
    return [one.data for one in found if one.data and named in (None, one.root_id)]


def contracts_of_vehicle(*, viewer: Actor, pcid: Pcid, version: IsoVersion) -> list[ContractView]:
    """Return the data of all running contracts of a vehicle; empty for one without contracts.

    Raises Forbidden, NotFound for an unknown PCID.
    """
    rights.require(viewer, rights.Operation.CCP_CONTRACTS_OF_VEHICLE, wmi=pcid.wmi)
    found = lookups.of_vehicle(pcid, version=version)
    if not found and not ProvisioningCertificate.objects.filter(pcid=str(pcid)).exists():
        raise NotFound(
            "vehicle_unknown", "The OEM provisioning certificate with given PCID is not found."
        )
    return [one.data for one in found if one.data]


def below(root: RootCertificate) -> QuerySet[ContractData]:
    """Return the contract data whose signer or contract certificate hangs on a root."""
    return ContractData.objects.filter(Q(root=root) | Q(contract_root=root))


def issued_for(contract: Contract, *, now: datetime) -> list[IssuedCertificate]:
    """Return the good certificates that our MO CA issued for the EMAID of a contract."""
    key = contract.emaid_key
    issued = IssuedCertificate.objects.good(now).filter(
        profile=CONTRACT_LEAF.name,
        # As a prefix the index on the common name serves on PostgreSQL, as a range elsewhere.
        common_name__startswith=key,
        common_name__gte=key,
        common_name__lte=key + "Z",
    )
    return [row for row in issued if row.common_name[:14] == key]


def certificates_of(contracts: Sequence[Contract]) -> dict[str, frozenset[bytes]]:
    """Return the SHA-256 of the contract certificates that contracts have data for, by EMAID key.

    Mostly one each; a contract without data has none.
    """
    found: dict[str, set[bytes]] = {contract.emaid_key: set() for contract in contracts}
    data = ContractData.objects.filter(contract__in=[contract.pk for contract in contracts])
    for key, fingerprint in data.values_list("contract__emaid_key", "certificate_fingerprint"):
        found[key].add(bytes(fingerprint))
    return {key: frozenset(fingerprints) for key, fingerprints in found.items()}


def running(emaids: Iterable[Emaid]) -> dict[str, Contract]:
    """Return the running contracts of EMAIDs, by EMAID key."""
    rows = Contract.objects.running().filter(emaid_key__in=[emaid.key for emaid in emaids])
    return {contract.emaid_key: contract for contract in rows}


def revoked_sub_cas() -> QuerySet[SubCa]:
    """Return the revoked sub-CAs of our own that contract data still hangs on."""
    revoked = IssuedCertificate.objects.filter(state=IssuedCertificate.State.REVOKED)
    hanging = ContractData.objects.below(OuterRef("pk"))
    return SubCa.objects.filter(Exists(hanging), fingerprint__in=revoked.values("fingerprint"))


def mo_of(emaid: Emaid) -> int:
    """Return the row id of the MO that the provider id of an EMAID belongs to, or raise Invalid."""
    owner = owner_of_provider_id(emaid.provider_id)
    if owner is None:
        raise Invalid("provider_unknown", "The provider id of the EMAID belongs to no party here.")
    return owner.pk


def require_unbound(emaid: Emaid, pcid: Pcid) -> None:
    """Refuse an EMAID that runs for another vehicle, before anything is made for it (Invalid)."""
    if bound_elsewhere({emaid: pcid}):
        raise Invalid("emaid_bound", BOUND)


def bound_elsewhere(wanted: Mapping[Emaid, Pcid]) -> set[Emaid]:
    """Return those EMAIDs that run for another vehicle than the wanted one."""
    keys = [emaid.key for emaid in wanted]
    rows = Contract.objects.running().filter(emaid_key__in=keys).values_list("emaid_key", "pcid")
    running = dict(rows)
    return {
        emaid for emaid, pcid in wanted.items() if running.get(emaid.key, str(pcid)) != str(pcid)
    }
