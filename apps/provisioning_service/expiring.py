"""What ends and is warned of: contract certificates, what our CAs issued, roots of the RCP.

Each kind reads rows by an index of their end; who is told, and whether anybody is, it says for a
batch of rows at once. What somebody follows already is not worth a warning.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from django.db.models import Max, Q

from apps.contract_pool.models import Contract
from apps.core.actor import Role
from apps.events.models import EventKind
from apps.events.services import Message
from apps.participants.models import Organization
from apps.pki import rolling
from apps.pki.models import Authority, IssuedCertificate
from apps.root_pool.models import RootCertificate
from v2g.pki.profiles import CONTRACT_LEAF

Told = tuple[int, Mapping[str, Any]]
"""Which organisation is told, and what of the certificate."""


class Kind(ABC):
    """One kind of what ends."""

    name: ClassVar[str]
    field: ClassVar[str]
    """The column of the end, which the index is over."""

    @abstractmethod
    def rows(self) -> Any:
        """Return the rows that may be warned of."""

    @abstractmethod
    def told(self, rows: Sequence[Any], ahead: timedelta) -> list[Told]:
        """Say who is told of which of the rows."""

    def messages(self, rows: Sequence[Any], days: int) -> list[Message]:
        """Return the events about a batch of rows that end within so many days."""
        return [
            Message(
                kind=EventKind.CERTIFICATE_EXPIRING,
                organization_id=organization_id,
                payload={**payload, "daysLeft": days},
            )
            for organization_id, payload in self.told(rows, timedelta(days=days))
        ]


class Contracts(Kind):
    """Contract certificates of an MO's own CA, and those that were not renewed here in time."""

    name = "contract"
    field = "successor_by"

    def rows(self) -> Any:
        waiting = Q(made_by_us=False) | Q(renewal_asked_at__isnull=False)
        return Contract.objects.to_renew().filter(waiting)

    def told(self, rows: Sequence[Any], ahead: timedelta) -> list[Told]:
        return [
            (
                contract.mo_id,
                {
                    "certificateType": CONTRACT_LEAF.name,
                    "commonName": contract.emaid,
                    "notAfter": _text(contract.successor_by),
                    "emaid": contract.emaid,
                    "pcid": contract.pcid,
                },
            )
            for contract in rows
        ]


class Issued(Kind):
    """What our authorities issued, but contract certificates: their owners, else the operator."""

    name = "issued"
    field = "not_after"

    def rows(self) -> Any:
        rows = IssuedCertificate.objects.filter(state=IssuedCertificate.State.ISSUED)
        return rows.exclude(profile=CONTRACT_LEAF.name).defer("der")

    def told(self, rows: Sequence[Any], ahead: timedelta) -> list[Told]:
        followed, operators = _followed(rows), _operators()
        return [
            (organization_id, _of_certificate(row.profile, row.common_name, row))
            for row in rows
            if row.pk not in followed and row.not_after - row.not_before >= 2 * ahead
            for organization_id in ([row.owner_id] if row.owner_id else operators)
        ]


class Roots(Kind):
    """Roots of the RCP, whosever they are: the operator."""

    name = "root"
    field = "not_after"

    def rows(self) -> Any:
        return RootCertificate.objects.trusted().defer("der")

    def told(self, rows: Sequence[Any], ahead: timedelta) -> list[Told]:
        return [
            (operator, _of_certificate(f"{row.root_type} root", row.common_name, row))
            for row in rows
            for operator in _operators()
        ]


KINDS: Final[tuple[Kind, ...]] = (Contracts(), Issued(), Roots())


def _followed(rows: Sequence[IssuedCertificate]) -> set[int]:
    """Those for whose name there is a certificate that ends later, or a CA that does the work."""
    names = {row.common_name for row in rows}
    issued = IssuedCertificate.objects.filter(
        state=IssuedCertificate.State.ISSUED, common_name__in=names
    )
    grouped = issued.values_list("common_name", "profile", "owner").annotate(Max("not_after"))
    newest = {(name, profile, owner): ends for name, profile, owner, ends in grouped}
    found = {
        row.pk for row in rows if newest[row.common_name, row.profile, row.owner_id] > row.not_after
    }
    active = list(Authority.objects.select_related("key").filter(active=True))
    cas = {bytes(one.fingerprint): one for one in active}
    return found | {
        row.pk
        for row in rows
        if (ca := cas.get(bytes(row.fingerprint or b""))) and rolling.is_followed(ca, active)
    }


def _operators() -> list[int]:
    found = Organization.objects.filter(active=True, role_rows__role=Role.OPERATOR)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _of_certificate(kind: str, name: str, row: Any) -> dict[str, Any]:
    return {
        "certificateType": kind,
        "commonName": name,
        "fingerprintSHA256": bytes(row.fingerprint).hex(),
        "notAfter": _text(row.not_after),
    }


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
