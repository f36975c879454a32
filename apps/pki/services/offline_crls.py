"""CRLs that a root signed elsewhere: handed in, checked, served as they are."""

from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.participants.rights import Operation, require
from apps.pki import rolling
from apps.pki.models import Authority, IssuedCertificate, PublishedCrl, RevocationReason
from apps.pki.services.offline import keep_certificate
from apps.pki.services.revocation import revoke
from v2g.errors import CertificateError, StatusError
from v2g.pki import bundle
from v2g.pki.crl import Crl, Revoked


def keep_crl(*, actor: Actor, authority: Authority, crl: bytes) -> PublishedCrl:
    """Serve a list from now on that the authority signed elsewhere.

    What it names and is not revoked here is revoked, with all that follows. While it leaves out
    what is revoked here, it counts as behind. Raises Forbidden, Invalid where the authority signs
    here, or the list is not its own, not full or not current, Conflict (`older_crl`) for a number
    that is not higher than the one served. Never inside a transaction.
    """
    transactions.forbid("Reading a CRL")
    require(actor, Operation.AUTHORITIES_MANAGE)
    if rolling.key_is_here(authority):
        raise Invalid("signs_here", f"{authority.name} signs its lists here.")
    try:
        found = Crl.read(crl, issuer=authority.certificate, at=timezone.now())
    except StatusError as error:
        raise Invalid("bad_crl", f"The CRL does not count: {error}.") from error
    if found.number is None or found.only_users or found.only_cas:
        raise Invalid("bad_crl", "The CRL must be full and have a number.")
    listed = {entry.serial: entry for entry in found.entries()}
    before = PublishedCrl.objects.filter(authority=authority).first()
    if before is not None and before.der is not None and before.number >= found.number:
        raise Conflict("older_crl", f"CRL {before.number} is served already.")
    _revoke(actor, authority, listed)
    return _store(actor, authority, found, crl=found.der, listed=listed)


def keep_signed(*, actor: Actor, authority: Authority, octets: bytes) -> None:
    """Take in a certificate or a CRL, whichever it is; see `keep_certificate` and `keep_crl`."""
    try:
        bundle.read_certificate(octets)
    except CertificateError:
        keep_crl(actor=actor, authority=authority, crl=octets)
    else:
        keep_certificate(actor=actor, certificate=octets)


def _revoke(actor: Actor, authority: Authority, listed: dict[int, Revoked]) -> None:
    """By reason, so that a key that became known is remembered as such."""
    by_reason: dict[str, list[IssuedCertificate]] = {}
    for row in authority.issued.filter(state=IssuedCertificate.State.ISSUED):
        entry = listed.get(int.from_bytes(row.serial, "big"))
        if entry is not None:
            by_reason.setdefault(entry.reason, []).append(row)
    for name, rows in sorted(by_reason.items()):
        known = name in RevocationReason.values
        reason = RevocationReason(name) if known else RevocationReason.UNSPECIFIED
        revoke(actor=actor, certificates=rows, reason=reason)


def _store(
    actor: Actor, authority: Authority, found: Crl, *, crl: bytes, listed: dict[int, Revoked]
) -> PublishedCrl:
    number = found.number or 0
    with transaction.atomic():
        rows = PublishedCrl.objects.select_for_update()
        row, _made = rows.get_or_create(authority=authority)
        if row.der is not None and row.number >= number:
            raise Conflict("older_crl", f"CRL {row.number} is served already.")
        gone = authority.issued.never_good_again().filter(not_after__gte=found.this_update)
        named = {int.from_bytes(serial, "big") for serial in gone.values_list("serial", flat=True)}
        if named <= set(listed):
            row.covered = row.changes
        row.number, row.der = number, crl
        row.this_update, row.next_update = found.this_update, found.next_update
        row.save()
        audit.record(
            actor=actor,
            action="pki.keep_crl",
            target_type="authority",
            target_id=str(authority.uuid),
            detail={"name": authority.name, "number": number},
        )
    return row
