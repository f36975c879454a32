"""provideSignedContractData: an OEM backend fetches contract data for telematics."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.contract_pool import paths, serving
from apps.contract_pool.deliveries import deliver, refuse
from apps.contract_pool.models import Delivery
from apps.contract_pool.selectors import NOT_FOUND
from apps.contract_pool.services.installation import Installation
from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid, NotFound
from apps.participants import rights
from apps.root_pool.selectors import TrustedRoot
from v2g import exi
from v2g.ids import Emaid, Pcid
from v2g.protocol import IsoVersion


def provide(
    *,
    actor: Actor,
    emaid: Emaid,
    pcid: Pcid,
    session_id: bytes,
    version: IsoVersion,
    root: bytes | UUID | None = None,
) -> Installation:
    """Return the CertificateInstallationRes of a contract with this SessionID (0 to 8 octets).

    Without `root` the data is of a V2G root that the vehicle carries, the newest where there are
    several. What has expired or was revoked is not handed out. Each request leaves one Delivery
    row. Raises Forbidden, Invalid, NotFound.
    """
    rights.require(actor, rights.Operation.CCP_PROVIDE, wmi=pcid.wmi)
    now = timezone.now()
    try:
        chosen = paths.named_root(root) if root else None
        row, signed_under = _pick(emaid, pcid, version, chosen, now)
    except DomainError as error:
        refuse(
            actor,
            Delivery.Way.OEM,
            reason=error.code,
            pcid=pcid,
            emaid=emaid,
            at=now,
        )
        raise
    deliver(actor, Delivery.Way.OEM, row, pcid=pcid, at=now)
    return Installation(
        exi=exi.replace_session_id(row.exi, session_id),
        emaid=row.emaid,
        root_fingerprint=signed_under.certificate.fingerprint,
    )


def _pick(
    emaid: Emaid, pcid: Pcid, version: IsoVersion, chosen: TrustedRoot | None, now: datetime
) -> tuple[serving.Row, TrustedRoot]:
    rows = serving.of_contract(pcid, emaid, version=version, now=now)
    for row in rows:
        root = serving.signer_root(row)
        if root and (root == chosen if chosen else row.vehicle.carries(root)):
            try:
                serving.require_served(row, now=now)
            except Invalid as error:
                raise NotFound(error.code, NOT_FOUND) from error
            return row, root
    raise NotFound("contract_not_found", NOT_FOUND)
