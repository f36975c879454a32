"""How many contracts hang on the rows of the apps below, for who is about to take one away."""

from django.db.models import Q
from django.utils import timezone

from apps.contract_pool import selectors
from apps.contract_pool.models import Contract, ContractData
from apps.pki import dependants as of_certificates
from apps.pki.models import IssuedCertificate, SubCa
from apps.provisioning_pool import dependants as of_vehicles
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.root_pool import dependants as of_roots


def register() -> None:
    """Tell the apps below; called once, when all models are loaded."""
    of_roots.register("contract data", selectors.count_below)
    of_roots.register_of_sub_ca("contracts", _of_sub_ca)
    of_vehicles.register("contracts", _of_vehicle)
    of_certificates.register("contracts", _of_certificate)
    of_certificates.register("contract data", _signed_with)


def _of_vehicle(vehicle: ProvisioningCertificate) -> int:
    return Contract.objects.running().of_vehicles([vehicle.pcid]).count()


def _of_sub_ca(sub_ca: SubCa) -> int:
    return Contract.objects.running().below(sub_ca.pk).count()


def _of_certificate(issued: IssuedCertificate) -> int:
    """Contracts whose chain holds the certificate, and those of vehicles whose chain does."""
    fingerprint = bytes(issued.fingerprint or b"")
    data = ContractData.objects.filter(
        Q(certificate_fingerprint=fingerprint)
        | Q(contract_sub_ca2__fingerprint=fingerprint)
        | Q(contract_sub_ca1__fingerprint=fingerprint)
    )
    vehicles = ProvisioningCertificate.objects.with_certificate(fingerprint)
    hit = Q(pk__in=data.values("contract_id")) | Q(pcid__in=vehicles.values("pcid"))
    return Contract.objects.running().filter(hit).count()


def _signed_with(issued: IssuedCertificate) -> int:
    data = ContractData.objects.of_signers([bytes(issued.fingerprint or b"")])
    return data.filter(valid_until__gt=timezone.now()).count()
