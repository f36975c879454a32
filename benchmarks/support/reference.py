"""The least that operations can be: answer a word; or authenticate, one SELECT, one INSERT."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.contract_pool.models import Delivery
from apps.core.api.views import OperationView
from apps.provisioning_pool.models import ProvisioningCertificate


class Reference(OperationView):
    """Look a vehicle up by its PCID; a POST inserts one row too."""

    def get(self, request: Request, pcid: str) -> Response:
        row = ProvisioningCertificate.objects.get(pcid=pcid)
        return Response({"pcid": row.pcid, "owner": row.owner_id})

    def post(self, request: Request, pcid: str) -> Response:
        row = ProvisioningCertificate.objects.get(pcid=pcid)
        Delivery.objects.create(
            way=Delivery.Way.INSTALLATION,
            outcome=Delivery.Outcome.DELIVERED,
            organization_id=row.owner_id,
            caller=self.actor.identifier,
            pcid=pcid,
            at=timezone.now(),
        )
        return Response({"pcid": row.pcid, "size": len(request.data)})


def plain(request: HttpRequest) -> HttpResponse:
    """Read the body and answer a word: what Django itself costs."""
    request.read()
    return HttpResponse(b"ok", content_type="text/plain")
