"""Asking foreign CRL and OCSP services; what verifies is stored, the rest is as if not answered.

Only called for certificates whose path reached a root of the RCP, so nobody unknown makes us call
an address. At most two addresses of each kind are tried.
"""

from datetime import datetime
from typing import Final

from structlog import get_logger

from apps.core import http
from apps.pki.status import answers
from apps.pki.status.policy import Source
from apps.pki.status.records import Answer, Question
from v2g.errors import StatusError
from v2g.pki import ocsp
from v2g.pki.crl import Crl
from v2g.pki.status import Status

log = get_logger(__name__)

MAX_URLS: Final = 2
_OCSP_REQUEST: Final = {"Content-Type": "application/ocsp-request"}


def fetch(question: Question, source: Source, *, at: datetime) -> Answer | None:
    """Ask the services of one kind that the certificate names; None where none gave an answer."""
    extensions = question.certificate.extensions
    urls = extensions.crl_urls if source is Source.CRL else extensions.ocsp_urls
    for url in urls[:MAX_URLS]:
        try:
            found = _crl(question, url, at) if source is Source.CRL else _ocsp(question, url, at)
        except (http.Refused, StatusError) as error:
            log.info("status_service_failed", source=source.value, reason=str(error))
            continue
        if found:
            return found
    return None


def _crl(question: Question, url: str, at: datetime) -> Answer | None:
    """A full CRL of the issuer is kept for all its certificates, a partial one only for this."""
    answer = http.request("GET", url, max_bytes=http.MAX_CRL)
    if answer.status != 200:
        raise http.Refused(f"The CRL service answered {answer.status}")
    crl = Crl.read(answer.body, issuer=question.issuer, at=at)
    found = crl.status_of(question.certificate)
    if found.status is Status.UNKNOWN:
        return None
    if crl.only_users or crl.only_cas:
        return answers.keep_single(question, found, at=at)
    answers.keep_crl(question.issuer, crl, url=url, at=at)
    return Answer.of(found, at)


def _ocsp(question: Question, url: str, at: datetime) -> Answer | None:
    request = ocsp.build_request(question.certificate, question.issuer)
    answer = http.request(
        "POST", url, content=request, headers=_OCSP_REQUEST, max_bytes=ocsp.MAX_SIZE
    )
    if answer.status != 200:
        raise http.Refused(f"The OCSP responder answered {answer.status}")
    found = ocsp.read_response(
        answer.body, certificate=question.certificate, issuer=question.issuer, at=at
    )
    if found.status is Status.UNKNOWN:
        return None
    return answers.keep_single(question, found, at=at)
