"""A vehicle as an MO finds it by its PCID: typed, looked up within limits, with its V2G roots."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from apps.audit.services import record_refusal
from apps.contract_pool import vehicles as pool
from apps.core import throttle
from apps.core.actor import Actor
from apps.core.errors import DomainError, Forbidden, Invalid, NotFound, TooMany, Unavailable
from apps.core.web import display
from apps.core.web.refusals import in_words
from apps.participants.rights import Operation
from apps.provisioning_pool import selectors as pcp
from apps.provisioning_pool.messages import not_found
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import selectors as cps
from apps.root_pool.models import RootCertificate
from v2g.ids import Pcid

PER_HOUR: Final = 60
"""Different PCIDs that a person may look up in an hour: guessing them is not what this is for."""
HOUR_S: Final = 3600
SHORTEST: Final = 17
LONGEST: Final = 18
MAX_TYPED: Final = 60
"""Characters that are read: a PCID with every separator that people put in."""
_SEPARATORS: Final = str.maketrans("", "", " -\N{NO-BREAK SPACE}\t.:")
_STRANGE: Final = re.compile(r"[^A-Z0-9]")

Tone = Literal["wait", "danger", "success"]


@dataclass(frozen=True, slots=True)
class Found:
    """A vehicle that contract data can be made for, and the V2G roots that are possible."""

    row: ProvisioningCertificate
    roots: tuple[RootCertificate, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a PCID while it is typed; `found` only with the tone success."""

    tone: Tone
    text: str | Promise
    found: Found | None = None

    @property
    def icon(self) -> str:
        """The material symbol that belongs to the tone."""
        return {"wait": "more_horiz", "danger": "error", "success": "check_circle"}[self.tone]


def plain(typed: str) -> str:
    """Return what was typed without separators, in capitals."""
    return typed[:MAX_TYPED].translate(_SEPARATORS).upper()


def as_typed(viewer: Actor, typed: str, *, at: datetime) -> Answer:
    """Say how far a PCID is, and once it is complete, which vehicle it names.

    Red only for what can no longer become right: 17 characters that name no vehicle may still be
    the beginning of 18.
    """
    text = plain(typed)
    strange = _STRANGE.search(text)
    if strange:
        shown = strange[0]
        return Answer(
            "danger", _("A PCID has letters and digits only, no «%(sign)s».") % {"sign": shown}
        )
    if len(text) < SHORTEST:
        return Answer("wait", _counted(len(text)) if text else "")
    if len(text) > LONGEST:
        return Answer(
            "danger",
            _("These are %(count)s characters. A PCID has 17 or 18.") % {"count": len(text)},
        )
    try:
        found = look_up(viewer, Pcid(text), at=at)
    except NotFound:
        return _unknown(text)
    except DomainError as error:
        return Answer("danger", in_words(error))
    return Answer("success", _found_text(found), found)


def look_up(viewer: Actor, pcid: Pcid, *, at: datetime) -> Found:
    """Return a vehicle that contract data can be made for, checked now.

    Counts against the limit of the hour; the same PCID again does not. What is refused is
    recorded as over REST. Raises Forbidden, TooMany, NotFound, Invalid, Unavailable.
    """
    try:
        _count(viewer, pcid)
        pcp.get(viewer, pcid, at=at)
        row = pcp.current(pcid)
        if row is None:  # withdrawn since the line before
            raise not_found()
        return Found(row, possible_roots(pcid, at=at))
    except Invalid as error:
        record_refusal(actor=viewer, action=Operation.PCP_GET, error=error)
        message = _("This vehicle is in the pool, but cannot be used: %(reason)s")
        raise Invalid(error.code, message % {"reason": in_words(error)}) from error
    except Forbidden:
        raise  # the portal records a missing right for all pages
    except DomainError as error:
        record_refusal(actor=viewer, action=Operation.PCP_GET, error=error)
        raise


def possible_roots(pcid: Pcid, *, at: datetime) -> tuple[RootCertificate, ...]:
    """Return the V2G roots that the vehicle carries and a CPS of ours signs under, newest first.

    Raises Invalid, Unavailable where there is none.
    """
    vehicle = pool.current(pcid, now=at).vehicle
    signers = cps.choose(cps.ready(at=at), vehicle=vehicle)
    rows = RootCertificate.objects.in_bulk([one.path.root.pk for one in signers])
    return tuple(rows[one.path.root.pk] for one in signers)


def _count(viewer: Actor, pcid: Pcid) -> None:
    """Count a look-up, each PCID once an hour. Raises TooMany, Unavailable."""
    try:
        is_new = cache.add(f"mo:looked-up:{viewer.identifier}:{pcid}", 1, timeout=HOUR_S)
    except RedisError as error:
        raise Unavailable("cache", "The service is busy. Please try again later.") from error
    if not is_new:
        return
    try:
        throttle.take(f"mo:look-up:{viewer.identifier}", limit=PER_HOUR, seconds=HOUR_S)
    except TooMany as error:
        cache.delete(f"mo:looked-up:{viewer.identifier}:{pcid}")
        message = _("You have looked up %(count)s vehicles within this hour. Go on in the next.")
        raise TooMany(error.code, message % {"count": PER_HOUR}) from error


def _counted(count: int) -> str:
    text = ngettext("%(count)s character of 17 or 18", "%(count)s characters of 17 or 18", count)
    return text % {"count": count}


def _unknown(text: str) -> Answer:
    if len(text) < LONGEST:
        return Answer("wait", _("No vehicle has these 17 characters. Is there an 18th?"))
    return Answer(
        "danger", _("No vehicle has this PCID. Check it: 0 and O, 1 and I are easily mixed up.")
    )


def _found_text(found: Found) -> str:
    return _("Vehicle found: %(oem)s, certificate valid until %(day)s.") % {
        "oem": found.row.owner.name,
        "day": display.day(found.row.not_after),
    }
