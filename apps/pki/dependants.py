"""What hangs on a certificate of ours: vehicles, contracts, signed contract data."""

from typing import Final

from apps.core.dependants import Dependants
from apps.pki.models import IssuedCertificate

_ON_CERTIFICATES: Final = Dependants[IssuedCertificate]()
register: Final = _ON_CERTIFICATES.register
of: Final = _ON_CERTIFICATES.of
