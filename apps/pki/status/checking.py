"""The two ways to ask for the status of a path: now, with fetching; and from what is stored."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from apps.core import transactions
from apps.pki.status import answers, fetching, own
from apps.pki.status.policy import Source, StatusPolicy
from apps.pki.status.records import (
    Answer,
    CertificateStatus,
    Question,
    accept,
    questions_of,
    refuse_revoked,
    refuse_unknown,
)
from v2g.pki.chains import CheckedChain


class Asking(Protocol):
    """What asks the services of certificates, at one instant."""

    at: datetime

    def ask(self, question: Question, source: Source) -> Answer | None:
        """Ask those of one kind that the certificate names; None where none gave an answer."""


def check_now(
    chain: CheckedChain, *, policy: StatusPolicy, at: datetime
) -> tuple[CertificateStatus, ...]:
    """Return the status of every certificate of a path below its root, leaf first.

    Of the services that a certificate names, the CRL of its issuer is asked, else OCSP (or the
    other way round, by the root's policy); what was fetched less than STATUS_REUSE_S ago is used
    without asking, and what has not ended where nobody answers. Raises
    Invalid: `revoked`, or `status_unknown` where no source could be reached or verified. New data
    fails closed [DESIGN 2.2]; only a certificate that names no service passes, if the policy
    says so. Never inside a transaction.
    """
    transactions.forbid("Asking for the status of certificates")
    ours, foreign = own.split(questions_of(chain))
    statuses = own.check(ours)
    known = answers.load([question.key for question in foreign])
    services = fetching.Services(at)
    for question in foreign:
        answer = answer_now(question, known[question.key], policy, services)
        statuses[question.certificate.fingerprint] = settle(question, answer, policy)
    return _in_order(chain, statuses)


def stored(
    chain: CheckedChain, *, policy: StatusPolicy, at: datetime
) -> tuple[CertificateStatus, ...]:
    """Return the same from what is stored, for reads; nothing is fetched.

    Raises Invalid: `revoked` if any stored answer says so, `status_unknown` where there is none or
    the newest is older than the policy's `max_age`.
    """
    ours, foreign = own.split(questions_of(chain))
    statuses = own.check(ours)
    known = answers.load([question.key for question in foreign])
    for question in foreign:
        answer = _newest(question, known[question.key].values(), policy, at)
        statuses[question.certificate.fingerprint] = settle(question, answer, policy)
    return _in_order(chain, statuses)


def answer_now(
    question: Question,
    known: Mapping[Source, Answer],
    policy: StatusPolicy,
    services: Asking,
) -> Answer | None:
    """Return the first answer in the policy's order; nothing good outweighs what was once revoked.

    What is stored counts without asking only while it is young; where no service answers now, it
    counts until its nextUpdate (RFC 5280 6.3.3).
    """
    fresh = {
        source: answer
        for source, answer in known.items()
        if answer.is_fresh(services.at, policy.max_age)
    }
    bad = next((answer for answer in fresh.values() if not answer.good), None)
    if bad:
        return bad
    sources = [source for source in policy.order if question.urls(source)]
    for source in sources:
        held = fresh.get(source)
        young = held is not None and _is_young(held, services.at)
        answer = held if young else services.ask(question, source)
        if answer:
            return answer
    left = [fresh[source] for source in sources or policy.order if source in fresh]
    revoked = (answer for answer in known.values() if not answer.good)
    return next(revoked, None) or next(iter(left), None)


def _is_young(answer: Answer, at: datetime) -> bool:
    return at - answer.learnt_at < timedelta(seconds=settings.STATUS_REUSE_S)


def _newest(
    question: Question, known: Iterable[Answer], policy: StatusPolicy, at: datetime
) -> Answer | None:
    found = list(known)
    if any(not answer.good for answer in found):
        refuse_revoked(question)
    newest = max(found, key=lambda answer: answer.learnt_at, default=None)
    if newest and at - newest.learnt_at > policy.max_age:
        refuse_unknown(question, f"the last answer is older than {policy.max_age.days} days")
    return newest


def settle(question: Question, answer: Answer | None, policy: StatusPolicy) -> CertificateStatus:
    """Accept a certificate by its answer, or refuse it (Invalid)."""
    if answer:
        return accept(question, answer)
    if question.urls(Source.CRL) or question.urls(Source.OCSP):
        refuse_unknown(question, "no CRL or OCSP responder gave an answer that can be verified")
    if not policy.optional:
        refuse_unknown(question, "it names neither a CRL nor an OCSP responder")
    return question.status(Source.NONE)


def _in_order(
    chain: CheckedChain, statuses: Mapping[bytes, CertificateStatus]
) -> tuple[CertificateStatus, ...]:
    return tuple(statuses[q.certificate.fingerprint] for q in questions_of(chain))
