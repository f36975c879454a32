"""One leaf for an organisation: by which authority, from when to when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.participants.models import Organization
from apps.pki import kept
from apps.pki.labels import Label
from apps.pki.models import Authority, IssuedCertificate
from apps.pki.services.issuance import Order, issue_many
from v2g.protocol import IsoVersion

BACKDATED: Final = timedelta(hours=1)
"""So that a vehicle or station whose clock is a little behind ours finds it valid."""
MAX_NAME: Final = 64
"""Characters of a common name (RFC 5280 A.1, ub-common-name)."""


@dataclass(frozen=True, slots=True)
class Term:
    """By which authority a leaf is issued, and from when to when."""

    authority: Authority
    begins: datetime
    ends: datetime


def term_of(label: Label, version: IsoVersion, *, at: datetime) -> Term:
    """Return what a leaf ordered at the instant would get: as long as its profile says.

    The authority's end bounds it. Raises Unavailable without an authority for it.
    """
    whole = at.replace(microsecond=0)
    authority = kept.authority_for(purpose=label.purpose, at=whole, version=version)
    begins = max(whole - BACKDATED, authority.not_before)
    return Term(authority, begins, min(begins + label.profile.max_validity, authority.not_after))


def issue_leaf(
    *,
    actor: Actor,
    label: Label,
    version: IsoVersion,
    common_name: str,
    public_key: ec.EllipticCurvePublicKey,
    provisional: bool = False,
    once: UUID | None = None,
) -> IssuedCertificate:
    """Issue what the label stands for to the actor's organisation, for the term of `term_of`.

    Raises Unavailable without an authority for it, otherwise as `issue_many`. Never inside a
    transaction.
    """
    term, owner = term_of(label, version, at=timezone.now()), owner_of(actor)
    order = Order(
        profile=label.profile,
        common_name=common_name,
        public_key=public_key,
        not_before=term.begins,
        not_after=term.ends,
        owner=owner,
        organization_name=owner.name[:MAX_NAME],
        provisional=provisional,
        once=once,
    )
    return issue_many(actor=actor, authority=term.authority, orders=[order])[0]


def owner_of(actor: Actor) -> Organization:
    """Return the organisation that the actor enrols for, Forbidden for one without."""
    if actor.organization_id is None:
        raise Forbidden("no_organization", "Certificates are enrolled by organisations only.")
    return kept.owner(actor.organization_id)
