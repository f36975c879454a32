"""OPCP's contract certificate pool."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.contract_pool import selectors, services
from apps.contract_pool.api import answers, fields
from apps.core.api.views import OperationView
from apps.participants.rights import Operation
from v2g.protocol import ISO_2_MSGDEF


class SignedContractData(OperationView):
    """`getSignedContractData` for charge points, `addSignedContractData` for CPS and MOs."""

    operation = {"POST": Operation.CCP_INSTALL, "PUT": Operation.CCP_STORE}

    def post(self, request: Request) -> Response:
        body = fields.body(request)
        always_exi = fields.header_flag(
            request.headers.get("alwaysReturnEXI"), default=True, name="alwaysReturnEXI"
        )
        try:
            installation = services.install(
                actor=self.actor,
                exi=fields.octets(body, "certificateInstallationReq"),
                version=fields.version(body.get("xsdMsgDefNamespace")),
            )
        except services.NotServed as refusal:
            if not always_exi:
                raise
            return Response(answers.refusal(refusal.response), status=404)
        return Response(answers.installation(installation))

    def put(self, request: Request) -> Response:
        body = fields.body(request)
        services.store(
            actor=self.actor,
            version=fields.version(body.get("xsdMsgDefNamespace")),
            emaid=fields.emaid(body.get("emaid")),
            pcid=fields.pcid(body.get("pcid")),
            xml_message=fields.octets(body, "signedContractDataXML"),
            root=fields.root(body.get("cpsV2GRootCertificateFingerprint")),
            meta_data=fields.text(body, "metadata", "metaData"),
        )
        return Response({}, status=201)


class ContractOrVehicle(OperationView):
    """One path template of OPCP with two meanings: DELETE by EMAID, GET by PCID."""

    operation = {"GET": Operation.CCP_CONTRACTS_OF_VEHICLE, "DELETE": Operation.CCP_END}

    def get(self, request: Request, identifier: str) -> Response:
        found = selectors.contracts_of_vehicle(
            viewer=self.actor,
            pcid=fields.pcid(identifier),
            version=fields.version(request.query_params.get("xsdMsgDefNamespace", ISO_2_MSGDEF)),
        )
        return Response(answers.contracts(found))

    def delete(self, request: Request, identifier: str) -> Response:
        services.end(
            actor=self.actor,
            emaid=fields.emaid(identifier),
            skip_revocation=fields.header_flag(
                request.headers.get("X-Skip-Revocation"), default=False, name="X-Skip-Revocation"
            ),
        )
        return Response({})


class Default(OperationView):
    """`setDefaultContract`: which contract a charge point hands to the vehicle."""

    operation = Operation.CCP_SET_DEFAULT

    def post(self, request: Request, pcid: str, emaid: str) -> Response:
        services.set_default(actor=self.actor, pcid=fields.pcid(pcid), emaid=fields.emaid(emaid))
        return Response({})


class Provide(OperationView):
    """`provideSignedContractData`: an OEM backend fetches what it installs by telematics."""

    operation = Operation.CCP_PROVIDE

    def get(self, request: Request, emaid: str, pcid: str) -> Response:
        query = request.query_params
        provided = services.provide(
            actor=self.actor,
            emaid=fields.emaid(emaid),
            pcid=fields.pcid(pcid),
            session_id=fields.session_id(query.get("sessionID", "")),
            version=fields.version(query.get("xsdMsgDefNamespace", ISO_2_MSGDEF)),
            root=fields.root(query.get("cpsV2GRootCertificateFingerprint")),
        )
        return Response(answers.provided(provided))


class Lookup(OperationView):
    """`lookupContract`: is there contract data for this EMAID?"""

    operation = Operation.CCP_LOOKUP

    def get(self, request: Request, emaid: str) -> Response:
        query = request.query_params
        found = selectors.lookup_contract(
            viewer=self.actor,
            emaid=fields.emaid(emaid),
            version=fields.version(query.get("xsdMsgDefNamespace", ISO_2_MSGDEF)),
            root=fields.root(query.get("cpsV2GRootCertificateFingerprint")),
        )
        return Response(answers.contracts(found))
