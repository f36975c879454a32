"""Roots whose keys are kept elsewhere: what they sign comes in as files, and is checked here.

A key leaves this house never, and a root's never enters it: a request (CSR) goes out, a certificate
comes in; CRLs come in. Being an authority here makes nobody trust a root; that takes two persons in
the RCP (`root_pool.services.submit`, `confirm`).
"""

import secrets
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.utils import timezone

from apps.audit import services as audit
from apps.core import locks, transactions
from apps.core.actor import Actor
from apps.core.errors import Conflict, Invalid
from apps.keys import services as keys
from apps.keys.models import StoredKey
from apps.participants.rights import Operation, require
from apps.pki import locations, rolling
from apps.pki.ceremony.orders import RESPONDER, Order, profile_of
from apps.pki.models import (
    Authority,
    IssuedCertificate,
    OrderedCertificate,
    PublishedCrl,
    Responder,
)
from apps.pki.services.compromised import require_still_uncompromised
from v2g.errors import CertificateError
from v2g.pki import bundle, lints
from v2g.pki.certificate import Certificate
from v2g.pki.profiles import V2G_ROOT, Profile
from v2g.protocol import IsoVersion

NAME_AT_MOST: Final = 64
CLOCKS: Final = timedelta(minutes=5)
"""A machine without a network has a clock of its own."""


def add_offline_authority(*, actor: Actor, certificate: bytes) -> Authority:
    """Take in a V2G root by its certificate (PEM or DER) alone; its key stays where it is.

    Until its first CRL is handed in, the readiness check shows it. Raises Forbidden, Invalid where
    it is no root by our profile or is not valid now, Conflict (`known_authority`).
    """
    require(actor, Operation.AUTHORITIES_MANAGE)
    root = _read(certificate)
    if not root.is_signed_by(root.public_key):
        raise Invalid("not_a_root", "Only a root is taken in without a CA above it.")
    version = _version(root)
    _require_profile(root, V2G_ROOT, version)
    with transaction.atomic():
        locks.hold("authority:offline")
        if Authority.objects.filter(fingerprint=root.fingerprint).exists():
            raise Conflict("known_authority", "This authority is there already.")
        key = keys.remember_public(
            _public(root), label=f"CA {root.common_name}", curve=version.curve.name
        )
        made = _authority(root, Authority.Purpose.V2G, None, key)
        PublishedCrl.objects.create(authority=made)
        _log(actor, "pki.add_offline_authority", made, {"sha256": root.fingerprint.hex()})
    return made


def order(*, actor: Actor, root: Authority, name: str, purpose: str) -> Order:
    """Make a key here and write what the root is to certify: a Sub1 of a purpose, or RESPONDER.

    Raises Forbidden, Invalid for a root that signs here, or another purpose. Never inside a
    transaction.
    """
    transactions.forbid("Making an authority")
    require(actor, Operation.AUTHORITIES_MANAGE)
    if root.level != Authority.Level.ROOT or rolling.key_is_here(root):
        raise Invalid("signs_here", f"{root.name} is no root whose key is kept elsewhere.")
    profile_of(purpose)
    if not 0 < len(name) <= NAME_AT_MOST:
        raise Invalid("bad_name", f"The name has 1 to {NAME_AT_MOST} characters.")
    label = f"OCSP {name}" if purpose == RESPONDER else f"CA {name}"
    stored = keys.create(label=label, curve=root.key.curve)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(keys.private_key(stored), root.version.hash_algorithm)
    number = secrets.token_hex(8)
    with transaction.atomic():
        OrderedCertificate.objects.create(
            number=number, root=root, key=stored, purpose=purpose, name=name
        )
        _log(actor, "pki.order_authority", root, {"name": name, "purpose": purpose})
    return Order(
        name=name,
        purpose=purpose,
        csr=signed.public_bytes(Encoding.PEM).decode("ascii"),
        root=root.fingerprint.hex(),
        number=number,
        ocsp_url=locations.ocsp_url(),
        crl_url=locations.crl_url(root),
    )


def keep_certificate(*, actor: Actor, certificate: bytes) -> OrderedCertificate:
    """Take in what a root signed for an order: the Sub1 issues, the responder answers from now.

    The order is found by the key. Raises Forbidden (also for a key that was revoked as
    compromised), Invalid where no order fits, the root did not sign it, it breaks its profile, or
    its validity is not within the root's, Conflict where it was handed in before.
    """
    require(actor, Operation.AUTHORITIES_MANAGE)
    found = _read(certificate)
    with transaction.atomic():
        ordered = _order_of(found)
        root = ordered.root
        profile = _require_signed_by(root, ordered, found)
        require_still_uncompromised([found.public_key])
        ordered.certificate = _issued(root, profile, found)
        ordered.save(update_fields=["certificate"])
        if ordered.purpose == RESPONDER:
            Responder.objects.create(
                authority=root, certificate=ordered.certificate, key=ordered.key
            )
        else:
            _authority(found, Authority.Purpose(ordered.purpose), root, ordered.key)
        detail = {"name": found.common_name, "sha256": found.fingerprint.hex()}
        _log(actor, "pki.keep_certificate", root, detail)
    return ordered


def _order_of(certificate: Certificate) -> OrderedCertificate:
    """The order whose key it is; held, so that of two who hand it in one is told."""
    found = keys.find(_public(certificate))
    orders = OrderedCertificate.objects.select_for_update(of=("self",))
    ordered = orders.select_related("root__key", "key").filter(key=found).first()
    if found is None or ordered is None:
        raise Invalid("no_order", "Nobody ordered this here: its key is not ours.")
    if ordered.certificate_id is not None:
        raise Conflict("known_certificate", "A certificate for this order was handed in before.")
    return ordered


def _require_signed_by(
    root: Authority, ordered: OrderedCertificate, certificate: Certificate
) -> Profile:
    issuer = root.certificate
    signed = certificate.issuer.der == issuer.subject.der
    if not signed or not certificate.is_signed_by(issuer.public_key):
        raise Invalid("foreign_certificate", f"{root.name} did not sign this certificate.")
    if certificate.common_name != ordered.name:
        raise Invalid("other_name", f"It must have the name that was ordered: {ordered.name}.")
    profile = profile_of(ordered.purpose)
    _require_profile(certificate, profile, root.version)
    begins, ends = certificate.not_before, certificate.not_after
    if not issuer.not_before <= begins < ends <= issuer.not_after:
        raise Invalid("outside_authority", f"It must be valid within the validity of {root.name}.")
    return profile


def _read(data: bytes) -> Certificate:
    try:
        return bundle.read_certificate(data)
    except CertificateError as error:
        raise Invalid("no_certificate", f"The certificate cannot be read: {error}.") from error


def _version(certificate: Certificate) -> IsoVersion:
    for version in IsoVersion:
        if version.curve.name == certificate.curve:
            return version
    raise Invalid("wrong_curve", "The key is on no curve of ISO 15118.")


def _public(certificate: Certificate) -> ec.EllipticCurvePublicKey:
    if not isinstance(certificate.public_key, ec.EllipticCurvePublicKey):
        raise Invalid("wrong_curve", "The key is on no curve of ISO 15118.")
    return certificate.public_key


def _require_profile(certificate: Certificate, profile: Profile, version: IsoVersion) -> None:
    findings = lints.lint(certificate, profile, version)
    if findings:
        raise Invalid(
            "breaks_profile",
            f"The certificate breaks its profile: {findings[0].code}: {findings[0].message}.",
        )
    now = timezone.now()
    if certificate.not_before > now + CLOCKS or certificate.not_after <= now:
        raise Invalid("not_valid_now", "The certificate is not valid now.")


def _issued(root: Authority, profile: Profile, certificate: Certificate) -> IssuedCertificate:
    if IssuedCertificate.objects.filter(authority=root, serial=certificate.serial_octets).exists():
        raise Conflict("known_serial", "The root gave this serial number before.")
    return IssuedCertificate.objects.create(
        authority=root,
        serial=certificate.serial_octets,
        profile=profile.name,
        common_name=certificate.common_name,
        state=IssuedCertificate.State.ISSUED,
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _authority(
    certificate: Certificate, purpose: Authority.Purpose, parent: Authority | None, key: StoredKey
) -> Authority:
    return Authority.objects.create(
        name=certificate.common_name,
        purpose=purpose,
        level=Authority.Level.SUB1 if parent else Authority.Level.ROOT,
        parent=parent,
        key=key,
        der=certificate.der,
        fingerprint=certificate.fingerprint,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def _log(actor: Actor, action: str, authority: Authority, detail: dict[str, str]) -> None:
    audit.record(
        actor=actor,
        action=action,
        target_type="authority",
        target_id=str(authority.uuid),
        detail={"name": authority.name} | detail,
    )
