"""What contracts hang on the rows of the apps below, for who is about to take one away."""

from django.db.models import QuerySet
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
    of_roots.register("contract data", selectors.below)
    of_roots.register_of_sub_ca("contracts", _of_sub_ca)
    of_vehicles.register("contracts", _of_vehicle)
    of_certificates.register("contracts", _of_certificate)
    of_certificates.register("contract data", _signed_with)


def _of_vehicle(vehicle: ProvisioningCertificate) -> QuerySet[Contract]:
    return Contract.objects.running().of_vehicles([vehicle.pcid])


def _of_sub_ca(sub_ca: SubCa) -> QuerySet[Contract]:
    return Contract.objects.running().below(sub_ca.pk)


def _of_certificate(issued: IssuedCertificate) -> QuerySet[Contract]:
    """Contracts whose chain holds the certificate, and those of vehicles whose chain does."""
    fingerprint = bytes(issued.fingerprint or b"")
    running = Contract.objects.running()
    vehicles = ProvisioningCertificate.objects.with_certificate(fingerprint)
    of_vehicles = running.filter(pcid__in=vehicles.values("pcid"))
    sub_ca = SubCa.objects.filter(fingerprint=fingerprint).first()
    own = running.below(sub_ca.pk) if sub_ca else running.with_certificates([fingerprint])
    # No certificate stands in both chains, and looking for that would read all of them.
    return own.union(of_vehicles, all=True)


def _signed_with(issued: IssuedCertificate) -> QuerySet[ContractData]:
    data = ContractData.objects.of_signers([bytes(issued.fingerprint or b"")])
    return data.filter(valid_until__gt=timezone.now())
