"""Asking foreign CRL and OCSP services; what verifies is stored, the rest is as if not answered.

Only called for certificates whose path reached a root of the RCP, so nobody unknown makes us call
an address. At most two addresses of each kind are tried.
"""

from datetime import datetime
from typing import Final

from structlog import get_logger

from apps.core import http
from apps.pki.models import OcspAnswer
from apps.pki.status import answers
from apps.pki.status.policy import Source
from apps.pki.status.records import Answer, Question
from v2g.errors import StatusError
from v2g.pki import ocsp
from v2g.pki.certificate import Certificate
from v2g.pki.crl import Crl
from v2g.pki.status import Status, StatusAnswer

log = get_logger(__name__)

MAX_URLS: Final = 2
MAX_FAILURES: Final = 3
"""Failed requests of one path: at 5 s each, a caller waits 15 s for services that are gone."""
_OCSP_REQUEST: Final = {"Content-Type": "application/ocsp-request"}


class Services:
    """The services asked for one path. After a few failures it is given up: each takes seconds."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._failures = 0

    def ask(self, question: Question, source: Source) -> Answer | None:
        """Ask those of one kind that the certificate names; None where none gave an answer."""
        urls = question.urls(source)
        fetch = _crl if source is Source.CRL else ask_responder
        for url in urls[:MAX_URLS]:
            if self._failures == MAX_FAILURES:
                return None
            try:
                found = fetch(question, url, self.at)
            except (http.Refused, StatusError) as error:
                self._failures += 1
                log.info("status_service_failed", source=source.value, reason=str(error))
                continue
            if found:
                return found
        return None


def crl_at(url: str, issuer: Certificate, at: datetime) -> Crl:
    """Fetch and verify a CRL. Raises http.Refused, or StatusError for what does not verify."""
    answer = http.request("GET", url, max_bytes=http.MAX_CRL)
    if answer.status != 200:
        raise http.Refused(f"The CRL service answered {answer.status}")
    return Crl.read(answer.body, issuer=issuer, at=at)


def ocsp_at(url: str, issuer: Certificate, serial: int, at: datetime) -> StatusAnswer:
    """Ask a responder about one certificate and verify the answer; raises the same."""
    request = ocsp.build_request_for(serial, issuer)
    answer = http.request(
        "POST", url, content=request, headers=_OCSP_REQUEST, max_bytes=ocsp.MAX_SIZE
    )
    if answer.status != 200:
        raise http.Refused(f"The OCSP responder answered {answer.status}")
    return ocsp.read_response_about(answer.body, serial=serial, issuer=issuer, at=at)


def scope_of(crl: Crl) -> OcspAnswer.Scope | None:
    """Which certificates a partial CRL covers; None for a full one."""
    if crl.only_users:
        return OcspAnswer.Scope.USERS
    return OcspAnswer.Scope.CAS if crl.only_cas else None


def _crl(question: Question, url: str, at: datetime) -> Answer | None:
    return read_crl(crl_at(url, question.issuer, at), question, url, at)


def read_crl(
    crl: Crl, question: Question, url: str, at: datetime, *, known: bool = False
) -> Answer | None:
    """Return what a verified CRL says of a certificate, and store it unless that is `known`.

    A full CRL of the issuer is kept for all its certificates, a partial one only for this. Raises
    StatusError where a newer one was stored before.
    """
    found = crl.status_of(question.certificate)
    if found.status is Status.UNKNOWN:
        return None
    scope = scope_of(crl)
    if scope:
        kept = answers.keep_single(_asked(question, url, scope), found, at=at)
    else:
        kept = known or answers.keep_crl(question.issuer, crl, url=url, at=at)
    return _newest(found, at, kept=kept)


def ask_responder(question: Question, url: str, at: datetime) -> Answer | None:
    """Return what an OCSP responder says of a certificate, and store it. Raises as `ocsp_at`."""
    found = ocsp_at(url, question.issuer, question.certificate.serial, at)
    if found.status is Status.UNKNOWN:
        return None
    kept = answers.keep_single(_asked(question, url, OcspAnswer.Scope.ONE), found, at=at)
    return _newest(found, at, kept=kept)


def _asked(question: Question, url: str, scope: OcspAnswer.Scope) -> answers.Asked:
    certificate = question.certificate
    return answers.Asked(
        question.issuer, certificate.serial_octets, certificate.not_after, url, scope
    )


def _newest(found: StatusAnswer, at: datetime, *, kept: bool) -> Answer:
    """An old answer that is played again must not hide what a newer one said."""
    if not kept:
        raise StatusError("the answer is older than the one known")
    return Answer.of(found, at)
