"""Certificate revocation lists (RFC 5280 5): made for our CAs, read and verified from others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from v2g.errors import StatusError
from v2g.pki.certificate import Certificate, verifies
from v2g.pki.names import Name
from v2g.pki.reading import UNREADABLE
from v2g.pki.status import CLOCK_SKEW, Source, Status, StatusAnswer
from v2g.protocol import IsoVersion

MAX_SIZE: Final = 32 * 1024 * 1024
"""Octets of a list that is read at all."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """One entry. `reason` is a name of RFC 5280 5.3.1 (keyCompromise) or empty."""

    serial: int
    revoked_at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Crl:
    """A list that its issuer signed and that counts at the instant it was read for."""

    issuer: Name
    number: int | None
    this_update: datetime
    next_update: datetime
    only_users: bool
    only_cas: bool
    _parsed: x509.CertificateRevocationList = field(repr=False, compare=False)

    @classmethod
    def read(cls, data: bytes, *, issuer: Certificate, at: datetime) -> Self:
        """Read a list (DER or PEM) of `issuer` and verify that it counts at `at`.

        StatusError for another issuer, a bad signature, a list that is not yet or no longer
        current, a delta or indirect list, and one over 32 MB.
        """
        try:
            return cls._verified(_parse(data), issuer, at)
        except UNREADABLE as error:
            raise StatusError("the CRL cannot be read") from error

    @classmethod
    def _verified(
        cls, parsed: x509.CertificateRevocationList, issuer: Certificate, at: datetime
    ) -> Self:
        if parsed.issuer.public_bytes() != issuer.subject.der:
            raise StatusError("the CRL is of another issuer")
        usage = issuer.extensions.key_usage
        if not issuer.extensions.is_ca or (usage is not None and "cRLSign" not in usage):
            raise StatusError("the issuer may not sign CRLs")
        algorithm = parsed.signature_hash_algorithm
        if not verifies(
            issuer.public_key,
            parsed.signature,
            parsed.tbs_certlist_bytes,
            algorithm.name if algorithm else "",
        ):
            raise StatusError("the CRL is not signed by its issuer")
        this_update, next_update = parsed.last_update_utc, parsed.next_update_utc
        if next_update is None or next_update < at:
            raise StatusError("the CRL is out of date")
        if this_update > at + CLOCK_SKEW:
            raise StatusError("the CRL is of the future")
        scope = _scope(parsed)
        return cls(
            Name.from_x509(parsed.issuer),
            _number(parsed),
            this_update,
            next_update,
            scope.only_contains_user_certs if scope else False,
            scope.only_contains_ca_certs if scope else False,
            parsed,
        )

    def status_of(self, certificate: Certificate) -> StatusAnswer:
        """Tell the status of a certificate; unknown where the list does not cover it."""
        is_ca = bool(certificate.extensions.is_ca)
        if certificate.issuer.der != self.issuer.der or (
            self.only_users if is_ca else self.only_cas
        ):
            return self._answer(certificate.serial, Status.UNKNOWN)
        return self.status_in_crl(certificate.serial)

    def status_in_crl(self, serial: int) -> StatusAnswer:
        """Tell whether a serial number stands in the list."""
        entry = self._parsed.get_revoked_certificate_by_serial_number(serial)
        if entry is None:
            return self._answer(serial, Status.GOOD)
        return StatusAnswer(
            serial=serial,
            status=Status.REVOKED,
            this_update=self.this_update,
            next_update=self.next_update,
            source=Source.CRL,
            revoked_at=entry.revocation_date_utc,
            reason=_reason(entry),
        )

    def entries(self) -> Iterator[Revoked]:
        """Go through all that is revoked, so that a list can be kept as rows."""
        for entry in self._parsed:
            yield Revoked(entry.serial_number, entry.revocation_date_utc, _reason(entry))

    @property
    def der(self) -> bytes:
        """The list as its issuer signed it."""
        return self._parsed.public_bytes(Encoding.DER)

    def _answer(self, serial: int, status: Status) -> StatusAnswer:
        return StatusAnswer(serial, status, self.this_update, self.next_update, Source.CRL)


def build_crl(
    revoked: Iterable[Revoked],
    *,
    issuer: Certificate,
    signing_key: ec.EllipticCurvePrivateKey,
    version: IsoVersion,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """Make the DER of a full list; `number` grows with each list of the issuer (RFC 5280 5.2.3)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.load_der_x509_certificate(issuer.der).subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier(issuer.extensions.subject_key_id, None, None),
            critical=False,
        )
    )
    for entry in revoked:
        builder = builder.add_revoked_certificate(_entry(entry))
    return builder.sign(signing_key, version.hash_algorithm).public_bytes(Encoding.DER)


def reason_flag(reason: str) -> x509.ReasonFlags | None:
    """Name the reason for `cryptography`; None for the empty one, StatusError for unknown names."""
    if not reason:
        return None
    try:
        return x509.ReasonFlags(reason)
    except ValueError as error:
        raise StatusError("unknown reason of revocation") from error


def _entry(entry: Revoked) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(entry.revoked_at)
    )
    flag = reason_flag(entry.reason)
    # RFC 5280 5.3.1: "unspecified" is said by leaving the reason out.
    if flag is not None and flag is not x509.ReasonFlags.unspecified:
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()


def _parse(data: bytes) -> x509.CertificateRevocationList:
    if len(data) > MAX_SIZE:
        raise StatusError("the CRL is over 32 MB")
    load = x509.load_pem_x509_crl if data.startswith(b"-----") else x509.load_der_x509_crl
    parsed = load(data)
    _require_known_extensions(parsed.extensions)
    return parsed


def _require_known_extensions(extensions: x509.Extensions) -> None:
    for extension in extensions:
        if extension.critical and extension.oid != ExtensionOID.ISSUING_DISTRIBUTION_POINT:
            raise StatusError("the CRL is a delta list or has an unknown critical extension")


def _scope(parsed: x509.CertificateRevocationList) -> x509.IssuingDistributionPoint | None:
    try:
        scope = parsed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return None
    if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
        raise StatusError("the CRL is indirect or covers only some reasons")
    return scope


def _reason(entry: x509.RevokedCertificate) -> str:
    """Name the reason; one that cannot be read leaves the certificate revoked all the same."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return ""


def _number(parsed: x509.CertificateRevocationList) -> int | None:
    try:
        return parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None
