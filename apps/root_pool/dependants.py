"""What hangs on a root, or on a sub-CA: vehicles and contract data below it."""

from typing import Final

from apps.core.dependants import Dependants
from apps.pki.models import SubCa
from apps.root_pool.models import RootCertificate

_ON_ROOTS: Final = Dependants[RootCertificate]()
register: Final = _ON_ROOTS.register
of: Final = _ON_ROOTS.of
count: Final = _ON_ROOTS.count

_ON_SUB_CAS: Final = Dependants[SubCa]()
register_of_sub_ca: Final = _ON_SUB_CAS.register
count_of_sub_ca: Final = _ON_SUB_CAS.count
