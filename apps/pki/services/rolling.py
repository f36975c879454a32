"""CAs of ours get their successors in time: a new key, a new certificate, both good meanwhile."""

import re
from datetime import datetime, timedelta
from typing import Final

from structlog import get_logger

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.pki import rolling
from apps.pki.models import Authority
from apps.pki.services.authorities import create_authority

log = get_logger(__name__)

BACKDATED: Final = timedelta(hours=1)
_GENERATION: Final = re.compile(r"(?P<name>.+) G(?P<number>[0-9]{1,3})")
_MAX_NAME: Final = 64


def roll_authorities(*, actor: Actor, now: datetime) -> list[Authority]:
    """Make the successor of every sub-CA that is due and whose CA above signs here; return them.

    What is in the way of the others is for a person, see `rolling.due`. Of two at once one makes
    it; the certificate of the other was for nothing and is revoked. Never inside a transaction.
    """
    made = []
    for due in rolling.due(now=now):
        if due.parent is not None:
            try:
                made.append(_follow(actor, due.authority, due.parent, now))
            except Conflict as error:
                log.info("authority_followed", code=error.code, authority=due.authority.name)
    return made


def _follow(actor: Actor, authority: Authority, parent: Authority, now: datetime) -> Authority:
    return create_authority(
        actor=actor,
        name=name_of_successor(authority.name),
        purpose=Authority.Purpose(authority.purpose),
        parent=parent,
        organization_name=next(iter(authority.certificate.subject.values("O")), ""),
        not_before=max(now - BACKDATED, parent.not_before),
        follows=authority,
    )


def name_of_successor(name: str) -> str:
    """Count the generations in the name: `MO Sub-CA` is followed by `MO Sub-CA G2`, then G3."""
    found = _GENERATION.fullmatch(name)
    number = int(found["number"]) + 1 if found else 2
    ending = f" G{number}"
    return f"{(found['name'] if found else name)[: _MAX_NAME - len(ending)]}{ending}"
