"""What is known of the status of many paths, without asking anybody: for dry runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from apps.pki.models import IssuedCertificate
from apps.pki.status import answers, own
from apps.pki.status.records import Answer, Question, questions_of
from v2g.pki.chains import CheckedChain

_T = TypeVar("_T")
_BATCH: Final = 500


class Known(StrEnum):
    """What our tables say of all certificates of a path together."""

    GOOD = "good"
    REVOKED = "revoked"
    OPEN = "open"


def known_status(chains: Mapping[_T, CheckedChain]) -> dict[_T, Known]:
    """Tell of each path whether a certificate of it is known to be revoked, or all to be good.

    OPEN where nothing is stored about one of them: the services are asked when it is published.
    A few queries for any number of paths.
    """
    asked = {name: questions_of(chain) for name, chain in chains.items()}
    unique = {question.key: question for found in asked.values() for question in found}
    states = _states(list(unique.values()))
    return {name: _worst(states[question.key] for question in asked[name]) for name in asked}


def _worst(states: Iterable[Known]) -> Known:
    found = set(states)
    order = (Known.REVOKED, Known.OPEN)
    return next((state for state in order if state in found), Known.GOOD)


def _states(questions: Sequence[Question]) -> dict[answers.Key, Known]:
    ours = own.keys_of_authorities()
    states: dict[answers.Key, Known] = {}
    for part in _parts(questions):
        mine = [question for question in part if own.key_of(question.issuer) in ours]
        issued = _issued([question.certificate.fingerprint for question in mine])
        for question in mine:
            good = question.certificate.fingerprint in issued
            states[question.key] = Known.GOOD if good else Known.REVOKED
        others = [question.key for question in part if question.key not in states]
        for key, found in answers.load(others).items():
            states[key] = _of_answers(found.values())
    return states


def _of_answers(found: Iterable[Answer]) -> Known:
    goods = {answer.good for answer in found}
    if False in goods:
        return Known.REVOKED
    return Known.GOOD if goods else Known.OPEN


def _issued(fingerprints: Sequence[bytes]) -> set[bytes]:
    state = IssuedCertificate.State.ISSUED
    found = IssuedCertificate.objects.filter(fingerprint__in=fingerprints, state=state)
    return {bytes(one) for one in found.values_list("fingerprint", flat=True) if one}


def _parts(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    for start in range(0, len(questions), _BATCH):
        yield questions[start : start + _BATCH]
