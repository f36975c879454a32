"""Enrolment over EST (RFC 7030): a signing request against a certificate of ours.

Only the public key and the common name come from the request; the label's profile decides all
else. A step of its own for each refusal, so that the text names what is to be mended.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, Invalid
from apps.participants.rights import require_role
from apps.pki.labels import Label
from apps.pki.models import EnrolmentRequest, IssuedCertificate
from apps.pki.models.authorities import IssuedQuerySet
from apps.pki.services.compromised import require_uncompromised
from apps.pki.services.leaves import MAX_NAME, Term, issue_leaf, owner_of, term_of
from apps.pki.services.requests import ask
from v2g.errors import CertificateError, IdError
from v2g.pki.bundle import read_certificate
from v2g.pki.certificate import Certificate
from v2g.pki.csr import SigningRequest
from v2g.protocol import IsoVersion


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a signing request would become; `newest` is a good certificate that there is already."""

    request: SigningRequest
    version: IsoVersion
    term: Term
    newest: IssuedCertificate | None


def enrol(
    *, actor: Actor, label: Label, version: IsoVersion, csr: bytes, once: UUID | None = None
) -> IssuedCertificate | EnrolmentRequest:
    """Issue what the label stands for (simpleenroll, RFC 7030 4.2).

    Where the operator decides, the first request is taken in and returned (4.2.3); sent again it
    gets the certificate once it was approved. Forbidden for another role, a foreign identifier,
    a key that was revoked as compromised, and what the operator refused; Invalid for a request or
    name that cannot be used; Unavailable without an authority for it. What was issued under the
    same `once` before is returned again. Never inside a transaction.
    """
    request = _checked(actor, label, csr)
    if label.approved:  # otherwise issuing asks, at once
        require_uncompromised([request.public_key])
    return _issue(actor, label, version, request, is_renewal=False, once=once)


def re_enrol(
    *,
    actor: Actor,
    label: Label,
    version: IsoVersion,
    csr: bytes,
    client_certificate: bytes | None,
    once: UUID | None = None,
) -> IssuedCertificate | EnrolmentRequest:
    """Issue again what the actor's organisation has a good certificate for (simplereenroll, 4.2.2).

    `client_certificate` is the one of the TLS connection, in PEM, DER or base64: it must be ours,
    valid, not revoked, of the same owner, kind and common name. Otherwise as `enrol`.
    """
    request = _checked(actor, label, csr)
    require_uncompromised([request.public_key])
    now = timezone.now()
    if client_certificate is not None:
        _require_renewable(actor, label, request, client_certificate, now)
    elif not _own(actor, label, request).good(now).exists():
        raise Invalid(
            "nothing_to_renew",
            "There is no valid certificate for this common name to renew. Use simpleenroll.",
        )
    return _issue(actor, label, version, request, is_renewal=True, once=once)


def look_at(*, actor: Actor, label: Label, csr: bytes) -> Prospect:
    """Say what `enrol` would issue for a request, which issues nothing; errors as there.

    The curve of the key tells the generation of ISO 15118.
    """
    now, request = timezone.now(), _checked(actor, label, csr)
    require_uncompromised([request.public_key])
    version = _version_of(label, request)
    term = term_of(label, version, at=now)
    newest = _own(actor, label, request).good(now).order_by("-not_after", "-pk").first()
    return Prospect(request, version, term, newest)


def _checked(actor: Actor, label: Label, csr: bytes) -> SigningRequest:
    require_role(actor, label.operation)
    try:
        request = SigningRequest.read(csr)
        name = label.own_name(actor, request.common_name)
    except CertificateError as error:
        text = str(error)
        raise Invalid("signing_request", f"{text[:1].upper()}{text[1:]}.") from error
    except IdError as error:
        raise Invalid(
            "common_name", f"{label.profile.name_rule.value} expected: {error}"
        ) from error
    if len(name) > MAX_NAME:
        raise Invalid("common_name", f"A common name has at most {MAX_NAME} characters.")
    if label.fixed_name:
        name = label.fixed_name(owner_of(actor).name)
    return replace(request, common_name=name)


def _version_of(label: Label, request: SigningRequest) -> IsoVersion:
    fitting = [label.only_version] if label.only_version else list(IsoVersion)
    found = next((one for one in fitting if one.curve.name == request.curve), None)
    if found is None:
        curves = " or ".join(one.curve.name for one in fitting)
        raise Invalid("wrong_curve", f"The public key must be on {curves}.")
    return found


def _issue(
    actor: Actor,
    label: Label,
    version: IsoVersion,
    request: SigningRequest,
    *,
    is_renewal: bool,
    once: UUID | None,
) -> IssuedCertificate | EnrolmentRequest:
    if label.approved:
        return ask(
            actor=actor, label=label, version=version, request=request, is_renewal=is_renewal
        )
    try:
        return issue_leaf(
            actor=actor,
            label=label,
            version=version,
            common_name=request.common_name,
            public_key=request.public_key,
            once=once,
        )
    except Conflict:
        ordered = _own(actor, label, request).filter(once=once).first() if once else None
        if ordered is None:
            raise
        return ordered


def _own(actor: Actor, label: Label, request: SigningRequest) -> IssuedQuerySet:
    return IssuedCertificate.objects.filter(
        owner=actor.organization_id,
        profile=label.profile.name,
        common_name=request.common_name,
    )


def _require_renewable(
    actor: Actor, label: Label, request: SigningRequest, data: bytes, now: datetime
) -> None:
    fingerprint = _read(data).fingerprint
    row = IssuedCertificate.objects.filter(fingerprint=fingerprint).first()
    if row is None:
        raise Forbidden("not_ours", "The client certificate was not issued here.")
    if row.owner_id != actor.organization_id:
        raise Forbidden("foreign_certificate", "The client certificate belongs to somebody else.")
    if row.state != IssuedCertificate.State.ISSUED:
        raise Forbidden("revoked", "The client certificate was revoked.")
    if not row.not_before <= now <= row.not_after:
        raise Forbidden("expired", "The client certificate is not valid now.")
    if row.profile != label.profile.name or row.common_name != request.common_name:
        raise Forbidden(
            "other_subject", "The client certificate is not the one that the request renews."
        )


def _read(data: bytes) -> Certificate:
    try:
        return read_certificate(data)
    except CertificateError as error:
        raise Invalid("client_certificate", "The client certificate cannot be read.") from error
