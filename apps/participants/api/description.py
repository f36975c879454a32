"""How an operation of the API is described: OPCP's name for it, its shapes, and who may run it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.shapes import PCID, Shape, ref
from apps.core.api.views import OperationView
from apps.participants.rights import TABLE, Objects, Operation

JSON: Final = "application/json"
ERRORS: Final[Mapping[int, str]] = {
    202: "Taken in; a person decides. Send the same request again after Retry-After.",
    400: "A check failed; the text says which.",
    401: "No access token, or one that is not valid.",
    403: "The role or the identifiers of the organisation do not include this.",
    404: "There is no such object, or none that the caller may see.",
    409: "Another request was faster; nothing more was done.",
}
_OTHER: Final = "Any other refusal: too large, wrong media type, not available now."
_OBJECTS: Final = {
    Objects.ANY: "any",
    Objects.OWN_WMI: "own WMI",
    Objects.OWN_PROVIDER: "own provider id",
    Objects.OWN_OPERATOR: "own operator id",
    Objects.OWN_ORGANIZATION: "own organisation",
}


def in_query(name: str, shape: Shape) -> OpenApiParameter:
    return OpenApiParameter(name, shape, OpenApiParameter.QUERY)


def in_header(name: str, description: str) -> OpenApiParameter:
    """An optional true or false."""
    shape = {"type": "string", "enum": ["true", "false"]}
    return OpenApiParameter(name, shape, OpenApiParameter.HEADER, description=description)


def in_path(name: str, shape: Shape, example: str = "") -> OpenApiParameter:
    """A segment of the path; the example is one that the demo ecosystem knows."""
    examples = [OpenApiExample("demo", example)] if example else []
    return OpenApiParameter(name, shape, OpenApiParameter.PATH, examples=examples)


PCID_IN_PATH: Final = in_path("pcid", PCID, "AURDEMO0000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation of the document. `answers` are its successes, `errors` OPCP's Error.

    `more_errors` are JSON, for the statuses that differ from `error_shape`.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    rights: tuple[Operation, ...] = ()
    details: str = ""
    parameters: tuple[OpenApiParameter, ...] = ()
    body: Shape | None = None
    body_types: tuple[str, ...] = (JSON,)
    example: Any = None
    answers: Mapping[int, Shape] = field(default_factory=lambda: {200: ref("Nothing")})
    answer_types: tuple[str, ...] = (JSON,)
    errors: tuple[int, ...] = (400, 401, 403)
    more_errors: Mapping[int, Shape] = field(default_factory=dict)
    error_shape: Shape = field(default_factory=lambda: ref("Error"))
    error_type: str = JSON
    auth: tuple[dict[str, list[str]], ...] | None = None
    deprecated: bool = False

    @property
    def roles(self) -> dict[str, str]:
        """Role by role the object rule of the rights table."""
        found: dict[str, str] = {}
        for operation in self.rights:
            rule = TABLE[operation]
            for role, objects in rule.roles.items():
                own_pki = " (with a PKI of its own)" if role in rule.own_pki_only else ""
                found[role.value] = _OBJECTS[objects] + own_pki
        return found

    def view(self) -> type[OperationView]:
        """A view that does nothing and carries the description where drf-spectacular looks."""

        def handler(self: OperationView, request: Request, **_: str) -> Response:
            raise NotImplementedError

        described = extend_schema(**self._arguments())(handler)
        return type(self.name, (OperationView,), {self.method.lower(): described})

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "operation_id": self.name,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self._description(),
            "parameters": list(self.parameters),
            "responses": self._responses(),
            "deprecated": self.deprecated,
            "extensions": {"x-roles": self.roles} if self.rights else {},
            "request": None,
        }
        if self.body is not None:
            arguments["request"] = dict.fromkeys(self.body_types, self.body)
        if self.example is not None:
            arguments["examples"] = [
                OpenApiExample("demo", self.example, media_type=kind, request_only=True)
                for kind in self.body_types
            ]
        if self.auth is not None:
            arguments["auth"] = list(self.auth)
        return arguments

    def _description(self) -> str:
        if not self.rights:
            return self.details
        open_to = ", ".join(f"{role}: {objects}" for role, objects in self.roles.items())
        return f"{self.details}\n\nOpen to {open_to}.".strip()

    def _responses(self) -> dict[Any, OpenApiResponse]:
        found: dict[Any, OpenApiResponse] = {
            (status, kind): OpenApiResponse(shape, description="Done.")
            for status, shape in self.answers.items()
            for kind in self.answer_types
        }
        for status in self.errors:
            shape = self.more_errors.get(status, self.error_shape)
            kind = JSON if status in self.more_errors else self.error_type
            found[status, kind] = OpenApiResponse(shape, description=ERRORS[status])
        found["default", self.error_type] = OpenApiResponse(self.error_shape, description=_OTHER)
        return found


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers the class
    """OAuth 2 with client credentials, as the security scheme of the document."""

    target_class = "apps.participants.api.authentication.BearerToken"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        flow = {"tokenUrl": "/oauth/token", "scopes": {}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
