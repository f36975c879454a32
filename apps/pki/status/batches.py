"""The status of many paths at once: each certificate is asked about once, each CRL fetched once.

A service that could not be reached is left alone for GONE, by this batch and by those after it:
an import of thousands of rows would wait for it again and again.
"""

import contextlib
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError
from structlog import get_logger

from apps.core import http, transactions
from apps.core.errors import Invalid
from apps.pki.status import answers, checking, fetching, own
from apps.pki.status.policy import Source, StatusPolicy
from apps.pki.status.records import Answer, CertificateStatus, Question, questions_of
from v2g.errors import StatusError
from v2g.pki.chains import CheckedChain, leaf_label
from v2g.pki.crl import Crl

log = get_logger(__name__)

GONE: Final = 30
"""Seconds for which a service that did not answer is not asked again."""

_T = TypeVar("_T", bound=Hashable)
_Asked = tuple[answers.Key, StatusPolicy]
Statuses = tuple[CertificateStatus, ...]


def check_many(
    paths: Mapping[_T, tuple[CheckedChain, StatusPolicy]],
    *,
    at: datetime,
    heard: Callable[[], None] = lambda: None,
) -> dict[_T, Statuses | Invalid]:
    """Return the status of each path, or why it is refused; one alone is for `check_now`.

    `heard` is called before each request: who holds a lease may renew it. Never inside a
    transaction.
    """
    transactions.forbid("Asking for the status of certificates")
    if len(paths) == 1:
        return {name: _check_one(*path, at) for name, path in paths.items()}
    asked = _asked_about(paths)
    unique = {key: one for found in asked.values() for key, one in found}
    known = _answer(unique, Services(at, heard))
    return {name: _together([known[key] for key, _ in found]) for name, found in asked.items()}


def _check_one(chain: CheckedChain, policy: StatusPolicy, at: datetime) -> Statuses | Invalid:
    """Who publishes one vehicle has its services asked, whatever they answered a batch before."""
    try:
        return checking.check_now(chain, policy=policy, at=at)
    except Invalid as error:
        return error


def _asked_about(
    paths: Mapping[_T, tuple[CheckedChain, StatusPolicy]],
) -> dict[_T, list[tuple[_Asked, Question]]]:
    """The questions of each path, leaf first; what stands above the leaves is shared by many."""
    shared: dict[Hashable, list[tuple[_Asked, Question]]] = {}
    asked: dict[_T, list[tuple[_Asked, Question]]] = {}
    for name, (chain, policy) in paths.items():
        above = (chain.profile, chain.sub_cas, chain.root.certificate, policy)
        if above not in shared:
            questions = questions_of(chain)[1:]
            shared[above] = [((question.key, policy), question) for question in questions]
        leaf = Question(leaf_label(chain.profile), chain.leaf, chain.sub_cas[0])
        asked[name] = [((leaf.key, policy), leaf), *shared[above]]
    return asked


def _together(found: Sequence[CertificateStatus | Invalid]) -> Statuses | Invalid:
    refused = next((one for one in found if isinstance(one, Invalid)), None)
    return refused or tuple(one for one in found if isinstance(one, CertificateStatus))


def _answer(
    asked: Mapping[_Asked, Question], services: "Services"
) -> dict[_Asked, CertificateStatus | Invalid]:
    """What our own authorities issued is answered by our tables, the rest by its services."""
    ours, foreign = own.split(list(asked.values()))
    good = own.good_among(ours)
    known = answers.load({question.key for question in foreign})
    found: dict[_Asked, CertificateStatus | Invalid] = {}
    for key, question in asked.items():
        try:
            if question.key in known:
                answers_of = known[question.key]
                answer = checking.answer_now(question, answers_of, key[1], services)
                found[key] = checking.settle(question, answer, key[1])
            else:
                found[key] = own.settle(question, good)
        except Invalid as error:
            found[key] = error
    return found


class Services:
    """The services of a batch: what they answered, and which did not."""

    def __init__(self, at: datetime, heard: Callable[[], None]) -> None:
        self.at = at
        self._heard = heard
        self._gone: dict[str, bool] = {}
        self._crls: dict[tuple[bytes, str], Crl | None] = {}

    def ask(self, question: Question, source: Source) -> Answer | None:
        """Ask those of one kind that the certificate names; None where none gave an answer."""
        ask = self._of_crl if source is Source.CRL else self._of_responder
        for url in question.urls(source)[: fetching.MAX_URLS]:
            if self._is_gone(url):
                continue
            try:
                found = ask(question, url)
            except http.Refused as error:
                self._give_up(url, str(error))
            except StatusError as error:
                log.info("status_service_failed", source=source.value, reason=str(error))
            else:
                if found:
                    return found
        return None

    def _of_crl(self, question: Question, url: str) -> Answer | None:
        """A CRL is fetched, verified and kept once; for the others it is read from memory."""
        name = (question.issuer.fingerprint, url)
        if name in self._crls:
            crl = self._crls[name]
            return fetching.read_crl(crl, question, url, self.at, known=True) if crl else None
        self._heard()
        self._crls[name] = None
        crl = fetching.crl_at(url, question.issuer, self.at)
        found = fetching.read_crl(crl, question, url, self.at)
        self._crls[name] = crl
        return found

    def _of_responder(self, question: Question, url: str) -> Answer | None:
        self._heard()
        return fetching.ask_responder(question, url, self.at)

    def _is_gone(self, url: str) -> bool:
        if url not in self._gone:
            with contextlib.suppress(RedisError):
                self._gone[url] = cache.get(_name(url)) is not None
        return self._gone.get(url, False)

    def _give_up(self, url: str, reason: str) -> None:
        self._gone[url] = True
        log.info("status_service_gone", reason=reason)
        with contextlib.suppress(RedisError):
            cache.set(_name(url), 1, GONE)


def _name(url: str) -> str:
    return f"status:gone:{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()}"
