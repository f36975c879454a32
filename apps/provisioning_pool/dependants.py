"""What hangs on a vehicle: the running contracts that leave with it."""

from typing import Final

from apps.core.dependants import Dependants
from apps.provisioning_pool.models import ProvisioningCertificate

_ON_VEHICLES: Final = Dependants[ProvisioningCertificate]()
register: Final = _ON_VEHICLES.register
count: Final = _ON_VEHICLES.count
