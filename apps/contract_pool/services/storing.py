"""addSignedContractData: contract data that a CPS signed elsewhere."""

from uuid import UUID

from django.utils import timezone

from apps.contract_pool import bundles, paths
from apps.contract_pool.models import Contract
from apps.contract_pool.selectors import mo_of
from apps.contract_pool.services.concluding import Conclusion, conclude
from apps.contract_pool.services.rows import Terms
from apps.core.actor import Actor
from apps.core.emaids import require_check_digit
from apps.core.errors import Invalid
from apps.participants import rights
from v2g import xml
from v2g.errors import V2GError
from v2g.ids import Emaid, Pcid
from v2g.messages import iso2
from v2g.protocol import IsoVersion


def store(
    *,
    actor: Actor,
    version: IsoVersion,
    pcid: Pcid,
    emaid: Emaid,
    xml_message: bytes,
    root: bytes | UUID | None = None,
    meta_data: str = "",
) -> Contract:
    """Take contract data that any CPS below a V2G root of the RCP signed.

    For a CPS the signature and the chains decide, an MO stores for its own provider ids. All of
    `bundles.verify` holds, the EMAID is the certificate's and not bound to another PCID, and the
    vehicle is in the PCP. Raises Forbidden, Invalid.
    """
    rights.require(actor, rights.Operation.CCP_STORE, provider_id=emaid.provider_id)
    require_check_digit(emaid)
    bundle = bundles.verify(_read(xml_message), version=version, at=timezone.now())
    if bundle.emaid.key != emaid.key:
        raise Invalid("emaid_differs", "The EMAID is not that of the contract certificate.")
    if root is not None and paths.named_root(root) != bundle.signer.root:
        raise Invalid("other_root", "The data was not signed under the V2G root that is named.")
    terms = Terms(
        pcid=pcid,
        emaid=bundle.emaid,
        mo_id=mo_of(bundle.emaid),
        begins=bundle.contract.leaf.not_before,
        ends=bundle.contract.leaf.not_after,
        meta_data=meta_data,
    )
    return conclude(actor=actor, conclusion=Conclusion(terms=terms, bundles=[bundle]))


def _read(xml_message: bytes) -> iso2.V2GMessage:
    try:
        return xml.read(xml_message, iso2.V2GMessage)
    except V2GError as error:
        raise Invalid("xml", f"signedContractDataXML : {error}") from error
