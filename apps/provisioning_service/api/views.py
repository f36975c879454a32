"""OPCP's certificate provisioning service."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.contract_pool.api import fields
from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from apps.provisioning_service import selectors, services
from apps.provisioning_service.api import answers, bodies
from v2g.ids import Pcid


class Signers(OperationView):
    """`getAllCpsSigners`."""

    operation = Operation.CPS_SIGNERS

    def get(self, request: Request) -> Response:
        return Response(answers.signers(selectors.signers(viewer=self.actor)))


class _Sign(OperationView):
    operation = Operation.CPS_SIGN

    def sign(self, body: Mapping[str, Any], pcid: Pcid | None) -> services.Signed:
        return services.sign(
            actor=self.actor,
            version=fields.version(body.get("xsdMsgDefNamespace")),
            contract_data=bodies.contract_data(body),
            pcid=pcid,
            emaid=bodies.emaid(body),
            root=fields.root(body.get("cpsV2GRootCertificateFingerprint")),
            meta_data=fields.text(body, "metaData", "metadata"),
        )


class Signed(_Sign):
    """`signContractData`: with a PCID the result is stored in the CCP as well."""

    def put(self, request: Request) -> Response:
        body = fields.body(request)
        pcid = body.get("pcid")
        signed = self.sign(body, None if pcid in (None, "") else fields.pcid(pcid))
        return Response(answers.signed(signed), status=201)


class SignedOnly(_Sign):
    """`createSignedContractData` (deprecated): signed and handed back, not stored."""

    def put(self, request: Request) -> Response:
        body = fields.body(request)
        pcid = fields.pcid(body.get("pcid"))
        return Response(answers.signed(self.sign(body, None), pcid=pcid))


class SignedAndForwarded(_Sign):
    """`createAndForwardSignedContractData` (deprecated): signed and stored."""

    def put(self, request: Request) -> Response:
        body = fields.body(request)
        self.sign(body, fields.pcid(body.get("pcid")))
        return Response({}, status=201)


class Generate(OperationView):
    """`generateSignedContractData`: the V2G MO CA makes the contract data."""

    operation = Operation.CPS_GENERATE

    def put(self, request: Request) -> Response:
        body = fields.body(request)
        services.generate(
            actor=self.actor,
            version=fields.version(body.get("xsdMsgDefNamespace")),
            pcid=fields.pcid(body.get("pcid")),
            emaid=fields.emaid(body.get("emaid")),
            begins=bodies.instant(body, "contractBegins"),
            ends=bodies.instant(body, "contractEnds"),
            root=fields.root(body.get("cpsV2GRootCertificateFingerprint")),
            subscription_url=fields.text(body, "subscriptionUrl", limit=500),
            meta_data=fields.text(body, "metaData", "metadata"),
        )
        return Response({}, status=201)
