"""OPCP pcp.v1: addOEMProvCert, getOEMProvCert, deleteOEMProvCert, lookupVehicle."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from apps.provisioning_pool import selectors, services
from apps.provisioning_pool.api.answers import provisioning_certificate
from apps.provisioning_pool.api.bodies import Publication
from apps.provisioning_pool.messages import parse_pcid
from apps.provisioning_pool.reading import Shown


class ProvisioningCertificates(OperationView):
    """Publishing a vehicle."""

    operation = Operation.PCP_PUBLISH

    def put(self, request: Request) -> Response:
        """Publish or renew the provisioning certificate of a vehicle."""
        body = Publication.parse(request.data)
        row = services.publish(
            actor=self.actor,
            chain=body.chain,
            version=body.version,
            v2g_roots=body.v2g_roots,
            previous_pcid=body.previous_pcid,
        )
        return Response(provisioning_certificate(Shown.of(row)))


class ProvisioningCertificateByPcid(OperationView):
    """One vehicle."""

    operation = {"GET": Operation.PCP_GET, "DELETE": Operation.PCP_WITHDRAW}

    def get(self, request: Request, pcid: str) -> Response:
        """Read a vehicle's certificate with its chain, checked now."""
        vehicle = selectors.get(self.actor, parse_pcid(pcid), at=timezone.now())
        answer: dict[str, Any] = {"OEMMessage": provisioning_certificate(vehicle)}
        return Response(answer)

    def delete(self, request: Request, pcid: str) -> Response:
        """Take a vehicle out of the pool, and with it its contract data."""
        services.withdraw(actor=self.actor, pcid=parse_pcid(pcid))
        return Response({})


class LookupVehicle(OperationView):
    """Whether a PCID is known."""

    operation = Operation.PCP_LOOKUP

    def get(self, request: Request, pcid: str) -> Response:
        """Answer with an empty object where the PCID is in the pool."""
        selectors.lookup(self.actor, parse_pcid(pcid), at=timezone.now())
        return Response({})


class FactoryReset(OperationView):
    """Ours: the vehicle forgot what was installed in it."""

    operation = Operation.PCP_FACTORY_RESET

    def post(self, request: Request, pcid: str) -> Response:
        """End the contracts of the vehicle; its provisioning certificate stays."""
        services.factory_reset(actor=self.actor, pcid=parse_pcid(pcid))
        return Response({})
