"""Which certificates of ours are followed by themselves, and when their end asks for attention.

A responder of OCSP lives for weeks and is followed long before its end (RFC 6960 4.2.2.2), so that
its end is near says nothing; only one that should have a successor and has none does.
"""

from datetime import timedelta
from typing import Final

from apps.core.web.display import SOON
from apps.pki import rolling
from apps.pki.models import IssuedCertificate, Responder
from apps.pki.services.responders import ROLLED_BEFORE_END
from v2g.pki.profiles import OCSP_RESPONDER

ROLLED: Final = frozenset({OCSP_RESPONDER.name})
"""The profiles that Plugpool follows by itself, where it has the key of the authority."""
LATE: Final = timedelta(days=1)
"""A successor that is missing for so long is overdue: the clock asks for it every minute."""


def is_followed(issued: IssuedCertificate) -> bool:
    """Tell whether another certificate does the work of this one, and ends later."""
    if issued.profile not in ROLLED:
        return False
    responders = Responder.objects.filter(
        authority=issued.authority_id,
        certificate__state=IssuedCertificate.State.ISSUED,
        certificate__not_after__gt=issued.not_after,
    )
    return responders.exists()


def near_end(issued: IssuedCertificate) -> timedelta:
    """Return how long before its end a certificate asks for attention."""
    is_rolled = issued.profile in ROLLED and rolling.signs_here(issued.authority)
    return ROLLED_BEFORE_END - LATE if is_rolled else SOON
