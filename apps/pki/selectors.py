"""Reads of our own PKI."""

from datetime import datetime

from django.db.models import QuerySet

from apps.core.actor import Actor, Role
from apps.core.errors import Unavailable
from apps.pki.models import Authority, EnrolmentRequest, IssuedCertificate, SubCa
from v2g.pki.certificate import Certificate
from v2g.protocol import IsoVersion

_ROOT_OF = {
    Authority.Level.ROOT: "fingerprint",
    Authority.Level.SUB1: "parent__fingerprint",
    Authority.Level.SUB2: "parent__parent__fingerprint",
}


def authority_for(
    *,
    purpose: Authority.Purpose,
    at: datetime,
    level: Authority.Level = Authority.Level.SUB2,
    root: bytes | None = None,
    version: IsoVersion = IsoVersion.ISO_2,
) -> Authority:
    """Return the newest active authority for a purpose, below the root with that SHA-256 if given.

    Raises Unavailable where there is none that is valid at the instant.
    """
    found = Authority.objects.select_related("key").filter(
        purpose=purpose,
        level=level,
        active=True,
        key__curve=version.curve.name,
        not_before__lte=at,
        not_after__gt=at,
    )
    if root is not None:
        found = found.filter(**{_ROOT_OF[level]: root})
    newest = found.order_by("-not_before", "-pk").first()
    if newest is None:
        raise Unavailable("no_authority", f"No certificate authority for {purpose} is set up.")
    return newest


def path_of(authority: Authority) -> list[Certificate]:
    """Return the certificates from the authority up to its root, the root last."""
    path = [authority.certificate]
    while authority.parent is not None:
        authority = authority.parent
        path.append(authority.certificate)
    return path


def issued(viewer: Actor) -> QuerySet[IssuedCertificate]:
    """What the viewer may see of our certificates: the operator all, others their own."""
    if viewer.has(Role.OPERATOR):
        return IssuedCertificate.objects.all()
    if viewer.organization_id is None:
        return IssuedCertificate.objects.none()
    return IssuedCertificate.objects.filter(owner=viewer.organization_id)


def authorities(viewer: Actor) -> QuerySet[Authority]:
    """Our authorities, for the operator only; their certificates are public, their state is not."""
    if viewer.has(Role.OPERATOR):
        return Authority.objects.all()
    return Authority.objects.none()


def sub_cas(viewer: Actor) -> QuerySet[SubCa]:
    """Sub-CAs of others that stored chains go through, for the operator only."""
    if viewer.has(Role.OPERATOR):
        return SubCa.objects.all()
    return SubCa.objects.none()


def requests(viewer: Actor) -> QuerySet[EnrolmentRequest]:
    """Requests for certificates: the operator sees all, others what they asked for."""
    if viewer.has(Role.OPERATOR):
        return EnrolmentRequest.objects.all()
    return EnrolmentRequest.objects.filter(owner=viewer.organization_id)
