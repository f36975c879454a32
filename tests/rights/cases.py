"""Every operation with its calls, and what the rights table says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from apps.core.actor import Role
from apps.participants.rights import TABLE, Objects, Operation
from apps.pki.labels import LABELS
from tests.pki.enrolment import FOREIGN, NAMES
from tests.rights import calls
from tests.rights.calls import Make
from tests.rights.world import Call, request_for

NAMED: Final = frozenset({Objects.OWN_WMI, Objects.OWN_PROVIDER, Objects.OWN_OPERATOR})


@dataclass(frozen=True)
class Case:
    """One method of one route. `granted`, `foreign_status` and `missing` are what a caller gets
    whose role the operation is open to; `exceptions` what one role gets for one kind of object.
    """

    method: str
    route: str
    operation: Operation
    objects: Mapping[str, Make]
    granted: int = 200
    foreign_status: int = 403
    missing: int = 404
    exceptions: Mapping[tuple[Role, str], int] = field(default_factory=dict)
    label: str = ""

    def expected(self, role: Role, kind: str, *, stripped: bool = False) -> int:
        """What the rights table says; `stripped` callers have lost all their identifiers."""
        if (role, kind) in self.exceptions:
            return self.exceptions[role, kind]
        rule = TABLE[self.operation].roles.get(role)
        if rule is None or (stripped and rule in NAMED):
            return 403
        if kind == "unknown":
            return self.missing
        if kind == "foreign" and rule is not Objects.ANY:
            return self.foreign_status
        return self.granted


def _enrolling(action: str, label: str) -> Case:
    def of(name: str) -> Call:
        return Call(f"/est/{label}/{action}", request_for(label, name), "application/pkcs10")

    objects: dict[str, Make] = {"own": lambda world, role: of(NAMES[label])}
    if label in FOREIGN:
        objects["foreign"] = lambda world, role: of(FOREIGN[label])
    operation = LABELS[label].operation
    granted = 200
    if LABELS[label].approved:  # the operator decides about each; none has been issued to renew
        granted = 202 if action == "simpleenroll" else 400
    return Case("POST", action, operation, objects, granted=granted, label=label)


_O: Final = Operation
_VEHICLE: Final = "/v1/oem/provCerts/{pcid}"
_CCP: Final = "v1/ccp/signedContractData"
_HOOKS: Final = "v1/webhook/endpoints"
_HOOK: Final = f"{_HOOKS}/<str:endpoint_id>"
_JOB: Final = "v1/jobs/<str:job_id>"
_NEW_HOOK: Final = {"url": "https://hooks.example.com/other", "enabledEvents": ["root.cert.added"]}
_EVERYBODY_READS_ROOTS: Final = {(role, "unknown"): 404 for role in Role}

CASES: Final = [
    Case("GET", "v1/root/rootCerts", _O.RCP_READ, calls.at("/v1/root/rootCerts")),
    Case("PUT", "v1/root/rootCerts", _O.RCP_WRITE, calls.submission()),
    Case("GET", "v1/root/rootCerts/<str:root_certificate_id>", _O.RCP_READ, calls.roots()),
    Case(
        "DELETE",
        "v1/root/rootCerts/<str:root_certificate_id>",
        _O.RCP_WRITE,
        calls.roots(),
        exceptions=_EVERYBODY_READS_ROOTS,
    ),
    Case("GET", "v1/root/ctl", _O.RCP_READ, calls.at("/v1/root/ctl")),
    Case("GET", "v1/root/trustStore", _O.RCP_READ, calls.at("/v1/root/trustStore")),
    Case("PUT", "v1/oem/provCerts", _O.PCP_PUBLISH, calls.publications(), missing=200),
    Case("GET", "v1/oem/provCerts/<str:pcid>", _O.PCP_GET, calls.of_vehicle(_VEHICLE)),
    Case("DELETE", "v1/oem/provCerts/<str:pcid>", _O.PCP_WITHDRAW, calls.of_vehicle(_VEHICLE)),
    Case(
        "GET",
        "v1/oem/provCerts/lookupVehicle/<str:pcid>",
        _O.PCP_LOOKUP,
        calls.of_vehicle("/v1/oem/provCerts/lookupVehicle/{pcid}"),
    ),
    Case(
        "POST",
        "v1/oem/provCerts/<str:pcid>/factoryReset",
        _O.PCP_FACTORY_RESET,
        calls.of_vehicle(f"{_VEHICLE}/factoryReset", {}),
    ),
    Case("GET", "cps/signer", _O.CPS_SIGNERS, calls.at("/cps/signer")),
    Case("GET", "v1/cps/signer", _O.CPS_SIGNERS, calls.at("/v1/cps/signer")),
    *(
        Case(
            "PUT", route, _O.CPS_SIGN, calls.signing(f"/{route}"), granted=granted, missing=missing
        )
        for route, granted, missing in (
            ("v1/cps/contractData/signed", 201, 400),
            # Signed and handed back: whether the vehicle is in the pool, nobody asks.
            ("v1/cps/signedContractData", 200, 200),
            ("v1/cps/forward/signedContractData", 201, 400),
        )
    ),
    Case(
        "PUT",
        "v1/cps/generate/signedContractData",
        _O.CPS_GENERATE,
        calls.generating(),
        granted=201,
        missing=400,
    ),
    Case("POST", _CCP, _O.CCP_INSTALL, calls.installing()),
    Case("PUT", _CCP, _O.CCP_STORE, calls.storing(), granted=201, missing=400),
    Case(
        "GET",
        f"{_CCP}/<str:identifier>",
        _O.CCP_CONTRACTS_OF_VEHICLE,
        calls.of_vehicle(f"/{_CCP}/{{pcid}}"),
    ),
    Case("DELETE", f"{_CCP}/<str:identifier>", _O.CCP_END, calls.of_contract(f"/{_CCP}/{{emaid}}")),
    *(
        Case(
            "POST",
            f"{_CCP}/<str:pcid>/<str:emaid>/{name}",
            _O.CCP_SET_DEFAULT,
            calls.of_contract(f"/{_CCP}/{{pcid}}/{{emaid}}/{name}"),
        )
        for name in ("default", "priorities")
    ),
    Case(
        "GET",
        "v1/ccp/provideSignedContractData/<str:emaid>/<str:pcid>",
        _O.CCP_PROVIDE,
        calls.of_contract("/v1/ccp/provideSignedContractData/{emaid}/{pcid}"),
    ),
    Case(
        "GET",
        "v1/ccp/lookupContract/<str:emaid>",
        _O.CCP_LOOKUP,
        calls.of_contract("/v1/ccp/lookupContract/{emaid}"),
    ),
    Case("GET", _HOOKS, _O.WEBHOOKS_READ, calls.at(f"/{_HOOKS}")),
    Case("POST", _HOOKS, _O.WEBHOOKS_WRITE, calls.at(f"/{_HOOKS}", _NEW_HOOK), granted=201),
    # A foreign webhook is as unknown as one that does not exist.
    *(
        Case(method, f"{_HOOK}{route}", operation, objects, granted, foreign_status=404)
        for method, route, operation, objects, granted in (
            ("GET", "", _O.WEBHOOKS_READ, calls.of_webhook("{0}"), 200),
            ("PUT", "", _O.WEBHOOKS_WRITE, calls.of_webhook("{0}", _NEW_HOOK), 200),
            ("DELETE", "", _O.WEBHOOKS_WRITE, calls.of_webhook("{0}"), 200),
            ("POST", "/test", _O.WEBHOOKS_WRITE, calls.of_webhook("{0}/test", {}), 202),
            ("GET", "/deliveries", _O.WEBHOOKS_READ, calls.of_webhook("{0}/deliveries"), 200),
            (
                "POST",
                "/deliveries/<str:delivery_id>/redeliver",
                _O.WEBHOOKS_WRITE,
                calls.of_webhook("{0}/deliveries/{1}/redeliver", {}),
                202,
            ),
        )
    ),
    # A foreign job is as unknown as one that does not exist; the operator sees all, stops its own.
    Case("GET", "v1/jobs", _O.JOBS_READ, calls.at("/v1/jobs")),
    Case("GET", _JOB, _O.JOBS_READ, calls.of_job("{0}"), foreign_status=404),
    Case(
        "POST",
        f"{_JOB}/cancel",
        _O.JOBS_WRITE,
        calls.of_job("{0}/cancel", {}),
        foreign_status=404,
        exceptions={(Role.OPERATOR, "foreign"): 403},
    ),
    *(_enrolling("simpleenroll", label) for label in LABELS),
    *(_enrolling("simplereenroll", label) for label in LABELS),
    *(
        Case("GET", name, _O.EST_CA_CERTIFICATES, calls.at(f"/est/{label}/{name}"), label=label)
        for name in ("cacerts", "csrattrs")
        for label in ("oem", "mo", "cpo", "cps")
    ),
]
