"""OPCP rcp.v1: getAllRootCerts, saveRootCa, getRootCert, deleteRootCa."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from apps.root_pool import selectors, services
from apps.root_pool.api.answers import root_certificate
from apps.root_pool.api.bodies import Submission, root_type_filter


class RootCertificates(OperationView):
    """All trusted roots; taking in a new one."""

    operation = {"GET": Operation.RCP_READ, "PUT": Operation.RCP_WRITE}

    def get(self, request: Request) -> Response:
        """Every trusted root, or those of one type."""
        roots = selectors.list_trusted(self.actor, root_type_filter(request.query_params))
        collection: dict[str, Any] = {"rootCertificates": [root_certificate(r) for r in roots]}
        return Response({"RootCertificateCollection": collection})

    def put(self, request: Request) -> Response:
        """Submit a root; it is trusted after a person of the operator confirmed its fingerprint."""
        submission = Submission.parse(request.data)
        root = services.submit(actor=self.actor, der=submission.der, root_type=submission.root_type)
        return Response({"status": "pending", **root_certificate(root)})


class RootCertificateById(OperationView):
    """One trusted root, named by its uuid or its SHA-256."""

    operation = {"GET": Operation.RCP_READ, "DELETE": Operation.RCP_WRITE}

    def get(self, request: Request, root_certificate_id: str) -> Response:
        """Read one root."""
        root = selectors.get(self.actor, root_certificate_id)
        return Response({"RootResponse": root_certificate(root)})

    def delete(self, request: Request, root_certificate_id: str) -> Response:
        """Ask for its removal, which a person of the operator must confirm."""
        root = selectors.get(self.actor, root_certificate_id)
        services.ask_removal(actor=self.actor, root=root)
        return Response({"status": "pending"})
