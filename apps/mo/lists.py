"""The rows of a list of contracts, checked one by one. Nothing is concluded here."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.contract_pool.models import Contract
from apps.core.actor import Actor
from apps.core.errors import DomainError, Invalid
from apps.core.web.refusals import in_words
from apps.mo import emaids, vehicles
from apps.mo.list_files import STATE
from apps.provisioning_pool.models import ProvisioningCertificate
from apps.provisioning_service import selectors as cps
from apps.root_pool.models import RootCertificate
from v2g.errors import IdError
from v2g.ids import Emaid, Pcid, ProviderId

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the file, its identifiers in their canonical form where they have one.

    `begins` and `ends` are instants (ISO 8601), `root` an RCP id or empty. `error` says what is
    wrong and how to repair it; a row with an error is not concluded. `note` is worth a look. `done`
    says that there is nothing to do: our own file of contracts may be handed in as it is.
    """

    number: int
    pcid: str
    emaid: str = ""
    begins: str = ""
    ends: str = ""
    root: str = ""
    error: str = ""
    note: str = ""
    done: str = ""

    @property
    def is_good(self) -> bool:
        return not self.error and not self.done

    @property
    def days(self) -> tuple[str, str]:
        """First and last day where the person is; what was typed where it is no day."""
        return _local_day(self.begins), _local_day(self.ends)

    @property
    def stored(self) -> dict[str, Any]:
        """The row as JSON."""
        return asdict(self)


def _local_day(text: str) -> str:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return timezone.localtime(instant).date().isoformat() if instant.tzinfo else text


@dataclass(frozen=True, slots=True)
class _Root:
    """A V2G root that a CPS of ours signs under; `key_id` is what vehicles name it by."""

    uuid: str
    fingerprint: str
    key_id: str


def check(actor: Actor, lines: Sequence[Mapping[str, str]], *, at: datetime) -> list[Row]:
    """Check every row: its form, then what the pools say; EMAIDs that are missing are proposed."""
    roots = _roots(at)
    today = timezone.localdate()
    running = _running(actor, lines)
    rows = [
        _as_it_runs(number, line, running) or _parsed(actor, number, line, roots, today)
        for number, line in enumerate(lines, start=1)
    ]
    rows = _without_twins(rows)
    rows = _with_vehicles(rows, roots, at)
    rows = _without_used(rows)
    return _with_proposals(actor, rows)


def restored(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return rows as they were stored."""
    return [Row(**row) for row in rows]


def _running(actor: Actor, lines: Sequence[Mapping[str, str]]) -> set[tuple[str, str, str]]:
    """Return EMAID, PCID and last day of those contracts of the list that run already."""
    keys = sorted({key for line in lines if (key := _key(line))})
    found: set[tuple[str, str, str]] = set()
    for start in range(0, len(keys), AT_ONCE):
        rows = Contract.objects.running().filter(
            emaid_key__in=keys[start : start + AT_ONCE], mo_id=actor.organization_id
        )
        for key, pcid, ends in rows.values_list("emaid_key", "pcid", "ends"):
            found.add((key, pcid, timezone.localtime(ends).date().isoformat()))
    return found


def _as_it_runs(
    number: int, line: Mapping[str, str], running: Collection[tuple[str, str, str]]
) -> Row | None:
    """Return the row of a contract that runs as the line has it; None for any other line."""
    pcid, ends = vehicles.plain(line.get("pcid", "")).upper(), line.get("ends", "")
    if (_key(line), pcid, _local_day(ends)) not in running:
        return None
    said = _("This contract runs already. There is nothing to do.")
    begins = line.get("begins", "")
    return Row(number=number, pcid=pcid, emaid=line["emaid"], begins=begins, ends=ends, done=said)


def _key(line: Mapping[str, str]) -> str:
    try:
        return Emaid.parse("".join(line.get("emaid", "").split())).key
    except IdError:
        return ""


def _parsed(
    actor: Actor, number: int, line: Mapping[str, str], roots: Sequence[_Root], today: date
) -> Row:
    row = Row(
        number=number,
        pcid=vehicles.plain(line.get("pcid", "")),
        emaid=line.get("emaid", ""),
        begins=line.get("begins", ""),
        ends=line.get("ends", ""),
        root=line.get("root", ""),
    )
    try:
        Pcid.parse(row.pcid)
        checked = emaids.form(actor, row.emaid) if row.emaid else None
        has_ended = line.get(STATE, "") == Contract.State.ENDED
        begins, ends = _term(row, today, has_ended=has_ended)
        note = _("It has ended and is concluded anew.") if has_ended else ""
        return replace(
            row,
            emaid=str(checked.emaid) if checked else "",
            begins=begins.isoformat(),
            ends=ends.isoformat(),
            root=_root(row.root, roots),
            note=" ".join(filter(None, (checked.warning if checked else "", note))),
        )
    except IdError:
        return replace(row, error=_("The PCID needs 17 or 18 letters and digits."))
    except DomainError as error:
        return replace(row, error=in_words(error))


def _term(row: Row, today: date, *, has_ended: bool) -> tuple[datetime, datetime]:
    """Read the term. What has ended begins today, for its days in our own file are over."""
    begins = _day(row.begins, "begins") if row.begins else today
    ends = _day(row.ends, "ends")
    if has_ended:
        begins = max(begins, today)
    if has_ended and ends < today:
        raise Invalid("ends", _("This contract has ended. Write its new last day into ends."))
    if begins < today:
        raise Invalid("begins", _("begins lies in the past. Leave it empty for today."))
    if ends < begins:
        raise Invalid("ends", _("ends lies before begins."))
    first = timezone.make_aware(datetime.combine(begins, time.min))
    return first.astimezone(UTC), timezone.make_aware(
        datetime.combine(ends, time(23, 59, 59))
    ).astimezone(UTC)


def _day(text: str, name: str) -> date:
    """Read 2027-01-31 or 31.01.2027, or the day of an instant as our own files have it."""
    text = _local_day(text)
    parts = text.split(".")
    iso = "-".join([parts[2], parts[1].zfill(2), parts[0].zfill(2)]) if len(parts) == 3 else text
    try:
        found = date.fromisoformat(iso)
    except ValueError as error:
        said = {"name": name}
        raise Invalid(name, _("%(name)s needs a day such as 2027-01-31.") % said) from error
    if not 2000 <= found.year <= 2200:
        raise Invalid(name, _("%(name)s is too far away. Check the year.") % {"name": name})
    return found


def _root(text: str, roots: Sequence[_Root]) -> str:
    if not text:
        return ""
    wanted = text.replace(":", "").lower()
    found = next((one for one in roots if wanted in {one.uuid, one.fingerprint}), None)
    if found is None:
        raise Invalid(
            "root", _("root names no V2G root that is signed under. Leave it empty for every root.")
        )
    return found.uuid


def _roots(at: datetime) -> list[_Root]:
    trusted = [signer.path.root for signer in cps.ready(at=at)]
    rows = RootCertificate.objects.in_bulk([one.pk for one in trusted])
    return [
        _Root(
            str(rows[one.pk].uuid),
            one.certificate.fingerprint.hex(),
            (one.certificate.extensions.subject_key_id or b"").hex(),
        )
        for one in trusted
    ]


def _without_twins(rows: Sequence[Row]) -> list[Row]:
    """An EMAID may stand there once."""
    counted = Counter(row.emaid[:14] for row in rows if row.emaid and row.is_good)
    message = _("This EMAID stands in the list more than once.")
    return [
        replace(row, error=message) if row.is_good and counted[row.emaid[:14]] > 1 else row
        for row in rows
    ]


def _with_vehicles(rows: Sequence[Row], roots: Sequence[_Root], at: datetime) -> list[Row]:
    """What the PCP says: there, valid, and with a V2G root that is signed under."""
    wanted = sorted({row.pcid for row in rows if row.is_good})
    known: dict[str, tuple[datetime, datetime, list[str]]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found = ProvisioningCertificate.objects.filter(pcid__in=wanted[start : start + AT_ONCE])
        for pcid, begins, ends, carried in found.values_list(
            "pcid", "not_before", "not_after", "v2g_roots"
        ):
            known[pcid] = (begins, ends, carried)
    return [
        _with_vehicle(row, known.get(row.pcid), roots, at) if row.is_good else row for row in rows
    ]


def _with_vehicle(
    row: Row,
    vehicle: tuple[datetime, datetime, list[str]] | None,
    roots: Sequence[_Root],
    at: datetime,
) -> Row:
    if vehicle is None:
        return replace(row, error=_("No vehicle has this PCID. Ask the customer for it again."))
    begins, ends, carried = vehicle
    if not begins <= at <= ends:
        return replace(row, error=_("The certificate of this vehicle is not valid today."))
    possible = [one for one in roots if not carried or one.key_id in carried]
    if not possible or (row.root and row.root not in {one.uuid for one in possible}):
        return replace(row, error=_("The vehicle does not carry this V2G root."))
    return row


def _without_used(rows: Sequence[Row]) -> list[Row]:
    used = _used([row.emaid[:14] for row in rows if row.emaid and row.is_good])
    message = _("A contract with this EMAID is running already.")
    return [
        replace(row, error=message) if row.is_good and row.emaid[:14] in used else row
        for row in rows
    ]


def _used(keys: Sequence[str], *, ever: bool = False) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        rows = Contract.objects.all() if ever else Contract.objects.running()
        part = rows.filter(emaid_key__in=keys[start : start + AT_ONCE])
        found |= set(part.values_list("emaid_key", flat=True))
    return found


def _with_proposals(actor: Actor, rows: Sequence[Row]) -> list[Row]:
    own = sorted(actor.provider_ids)
    waiting = sum(row.is_good and not row.emaid for row in rows)
    taken = {row.emaid[:14] for row in rows}
    free: dict[str, Emaid] = {}
    while own and len(free) < waiting:
        made = [emaids.random(ProviderId(own[0])) for _place in range(waiting - len(free))]
        used = _used([one.key for one in made], ever=True) | taken
        free |= {one.key: one for one in made if one.key not in used}
    proposals = iter(free.values())
    return [
        replace(row, emaid=str(next(proposals))) if row.is_good and not row.emaid else row
        for row in rows
    ]
