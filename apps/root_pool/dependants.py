"""What hangs on a root: vehicles and contract data below it."""

from typing import Final

from apps.core.dependants import Dependants
from apps.root_pool.models import RootCertificate

_ON_ROOTS: Final = Dependants[RootCertificate]()
register: Final = _ON_ROOTS.register
count: Final = _ON_ROOTS.count
