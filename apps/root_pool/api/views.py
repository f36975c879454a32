"""OPCP rcp.v1: getAllRootCerts, saveRootCa, getRootCert, deleteRootCa, trust list; trust store."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from apps.root_pool import selectors, services
from apps.root_pool.api import answers, files
from apps.root_pool.api.bodies import Submission, file_format, root_type_filter
from apps.root_pool.models import RootCertificate


class RootCertificates(OperationView):
    """All trusted roots; taking in a new one."""

    operation = {"GET": Operation.RCP_READ, "PUT": Operation.RCP_WRITE}

    def get(self, request: Request) -> Response:
        """Every trusted root, or those of one type."""
        roots = selectors.list_trusted(self.actor, root_type_filter(request.query_params))
        collection: dict[str, Any] = {"rootCertificates": _answers(list(roots))}
        return Response({"RootCertificateCollection": collection})

    def put(self, request: Request) -> Response:
        """Submit a root; it is trusted after a person of the operator confirmed its fingerprint."""
        submission = Submission.parse(request.data)
        root = services.submit(actor=self.actor, der=submission.der, root_type=submission.root_type)
        return Response({"status": "pending", **_answers([root])[0]})


class RootCertificateById(OperationView):
    """One trusted root, named by its uuid or its SHA-256."""

    operation = {"GET": Operation.RCP_READ, "DELETE": Operation.RCP_WRITE}

    def get(self, request: Request, root_certificate_id: str) -> Response:
        """Read one root."""
        root = selectors.get(self.actor, root_certificate_id)
        return Response({"RootResponse": _answers([root])[0]})

    def delete(self, request: Request, root_certificate_id: str) -> Response:
        """Ask for its removal, which a person of the operator must confirm."""
        root = selectors.get(self.actor, root_certificate_id)
        services.ask_removal(actor=self.actor, root=root)
        return Response({"status": "pending"})


class TrustList(OperationView):
    """GetCertificateTrustList. Its body, which OPCP leaves open, is not read."""

    operation = Operation.RCP_READ

    def get(self, request: Request) -> Response:
        """Every trusted root in one signed list."""
        return Response(answers.trust_list(services.current_trust_list(actor=self.actor)))


class TrustStore(OperationView):
    """Ours: the roots as a file for the trust store of a vehicle."""

    operation = Operation.RCP_READ

    def get(self, request: Request) -> HttpResponse:
        """Every trusted root, or those of one type, as PEM or P7B."""
        query = request.query_params
        roots = selectors.trust_store(self.actor, root_type_filter(query))
        return files.trust_store(roots, file_format(query))


def _answers(roots: list[RootCertificate]) -> list[dict[str, Any]]:
    urls = selectors.crl_urls(roots)
    return [answers.root_certificate(root, urls[root.pk]) for root in roots]
