"""EST (RFC 7030) for the leaf certificates of the V2G PKI, as OPCP's clients call it.

Accept and the transfer encoding of a request are ignored; answers are base64. Errors are a line of
text: 400 what is wrong with the request, 401 credentials, 403 rights.
"""

import base64
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from structlog import get_logger

from apps.audit.services import keep_refusal
from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.participants.api import credentials
from apps.participants.rights import Operation, require
from apps.pki import selectors, services
from apps.pki.api import est_requests
from apps.pki.labels import LABELS, Label
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from v2g.pki.certificate import Certificate
from v2g.pki.certs_only import certs_only
from v2g.pki.csr_attributes import csr_attributes
from v2g.protocol import IsoVersion

log = get_logger(__name__)

CERTS_ONLY: Final = "application/pkcs7-mime; smime-type=certs-only"
TEXT: Final = "text/plain; charset=utf-8"
RETRY_AFTER_S: Final = 300
"""A person decides; who asks more often learns nothing earlier."""


@method_decorator(csrf_exempt, name="dispatch")
class Est(View):
    """What the operations share: who calls, for which label and version, and errors as text."""

    action: ClassVar[str]
    actor: Actor
    label: Label
    version: IsoVersion
    in_lines: bool

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known: Actor | None = None
        try:
            known = self.actor = credentials.actor_of(request)
            self.in_lines = not kwargs.get("appended")
            self.label = LABELS[kwargs["label"].rpartition("-")[2]]
            segments = [kwargs[name] for name in ("first", "second") if kwargs.get(name)]
            self.version = est_requests.version_of(request, self.label, segments)
            return super().dispatch(request)
        except DomainError as error:
            if known is not None and error.status < 500:
                keep_refusal(actor=known, action=self.action, error=error)
            return _refused(error)

    def require_reader(self) -> None:
        require(self.actor, Operation.EST_CA_CERTIFICATES)

    def enrolled(self, found: IssuedCertificate | EnrolmentRequest) -> HttpResponse:
        """Answer with the certificate, or with 202 where the operator has not decided yet."""
        if isinstance(found, IssuedCertificate):
            return self.certificates([found.certificate])
        response = HttpResponse(
            "The operator decides about this request. Send the same request again later.\n",
            status=202,
            content_type=TEXT,
        )
        response["Retry-After"] = str(RETRY_AFTER_S)
        response["Cache-Control"] = "no-store"
        return response

    def certificates(self, certificates: Sequence[Certificate]) -> HttpResponse:
        return self.base64(certs_only(certificates), CERTS_ONLY)

    def base64(self, data: bytes, content_type: str) -> HttpResponse:
        """Base64 in lines of 76 characters with a newline at the end.

        RFC 8951 3 asks readers to pass over line breaks. strongSwan's does not, so where the URL
        is of its form, all is one line.
        """
        text = base64.encodebytes(data) if self.in_lines else base64.b64encode(data) + b"\n"
        response = HttpResponse(text, content_type=content_type)
        response["Content-Transfer-Encoding"] = "base64"
        response["Cache-Control"] = "no-store"
        return response


class SimpleEnrol(Est):
    """POST simpleenroll: the issued certificate, alone, or 202 until it is approved (4.2.3)."""

    action = "pki.enrol"

    def post(self, request: HttpRequest) -> HttpResponse:
        issued = services.enrol(
            actor=self.actor,
            label=self.label,
            version=self.version,
            csr=est_requests.body_of(request),
        )
        return self.enrolled(issued)


class SimpleReEnrol(Est):
    """POST simplereenroll: as simpleenroll, for what the caller has a certificate of."""

    action = "pki.re_enrol"

    def post(self, request: HttpRequest) -> HttpResponse:
        issued = services.re_enrol(
            actor=self.actor,
            label=self.label,
            version=self.version,
            csr=est_requests.body_of(request),
            client_certificate=est_requests.client_certificate_of(request),
        )
        return self.enrolled(issued)


class CaCertificates(Est):
    """GET cacerts: Sub2, Sub1, root, in this order (4.1.3)."""

    action = "pki.ca_certificates"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.require_reader()
        authority = selectors.authority_for(
            purpose=self.label.purpose, at=timezone.now(), version=self.version
        )
        return self.certificates(selectors.path_of(authority))


class CsrAttributes(Est):
    """GET csrattrs: the key and hash that a request needs (4.5.2)."""

    action = "pki.csr_attributes"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.require_reader()
        return self.base64(csr_attributes(self.version), "application/csrattrs")


def _refused(error: DomainError) -> HttpResponse:
    log.info("refused", code=error.code, status=error.status)
    response = HttpResponse(f"{error.message}\n", status=error.status, content_type=TEXT)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="EST", Basic realm="EST"'
    return response
