"""Pools of any size: the rows of a small ecosystem, multiplied in PostgreSQL.

Row `n` of a table is a copy of a real one with another identifier, time and owner, so it weighs
what a real one does and can be shown on its page. Whatever is copied is spread alike at every size,
counted from the newest row (`k`), so that the first pages of lists are alike too. A pool of 1,000
rows still fills a page behind every filter that finds anything, for the first party of each role.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.contract_pool.models import Contract, ContractData, Delivery
from apps.events.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from apps.jobs.models import Job, JobRow
from apps.operator.models import Heartbeat
from apps.operator.services import BACKGROUND
from apps.pki.models import IssuedCertificate
from apps.portal.services import count_days
from apps.provisioning_pool.models import ProvisioningCertificate
from tests.portal.world import World
from v2g.pki.profiles import LEAVES, Branch

FIRST = 1000
"""Ids and numbers of copies begin here; the rows that they are copied from stand below."""
SPAN_DAYS = 14
"""What has a time lies in these last days, evenly and in the order of ids."""

PCID = f"CASE WHEN k % 10 = 9 THEN 'WBA' ELSE 'WVW' END || lpad(({FIRST} + n)::text, 14, '0')"
EMAID = f"CASE WHEN k % 10 = 9 THEN 'DEBBBC' ELSE 'DEAAAC' END || lpad(({FIRST} + n)::text, 8, '0')"
ENDS = "now() + (k * 37 % 300 - 40) * interval '1 day'"
SOONER = "now() + (k * 37 % 160 - 30) * interval '1 day'"
"""Of kinds that a party owns a third of."""
RECENTLY = f"now() - k / s.rows * interval '{SPAN_DAYS} days'"
UUID = "gen_random_uuid()"
Columns = Mapping[str, str]


def fill(world: World, *, size: int) -> None:
    """Copy `size` rows of every kind into the database, for the first party of each role mostly."""
    oem, mo, cpo = world.oems[0], world.mos[0], world.cpos[0]
    copies: list[tuple[models.Model, int, Columns]] = [
        (oem.rows[ProvisioningCertificate], size, _vehicle(world)),
        (mo.rows[Contract], size, _contract(world)),
        (mo.rows[ContractData], size, _data()),
        (cpo.rows[Delivery], size, _delivery(world)),
        (cpo.rows[AuditEvent], size, _audited(world)),
        (mo.rows[IssuedCertificate], size, _issued(world)),
        (oem.rows[OutboxEvent], size, _event(world)),
        (oem.rows[WebhookDelivery], size, _told(world)),
        (oem.rows[Job], 500 + size // 100, {"uuid": UUID, "created_at": RECENTLY}),
        (_row_of(oem.rows[Job]), size, {"number": f"{FIRST} + n"}),
    ]
    with connection.cursor() as cursor:
        for row, count, columns in copies:
            _copy(cursor, row, count, columns)
        for statement in connection.ops.sequence_reset_sql(
            no_style(), [type(row) for row, _, _ in copies]
        ):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
    count_days(now=timezone.now())
    # Without it the page of health would wait for workers that do not run here.
    Heartbeat.objects.create(part=BACKGROUND, at=timezone.now() + timedelta(days=1))


def _copy(cursor: Any, row: models.Model, count: int, columns: Columns) -> None:
    fields = [str(field.column) for field in row._meta.concrete_fields]
    values = {name: f't."{name}"' for name in fields} | {"id": f"{FIRST} + n", **columns}
    quoted, chosen = ", ".join(f'"{name}"' for name in fields), ", ".join(values[n] for n in fields)
    table = row._meta.db_table
    cursor.execute(
        f'INSERT INTO "{table}" ({quoted}) SELECT {chosen} FROM "{table}" t'
        f" CROSS JOIN generate_series(1, {count}) n CROSS JOIN (SELECT {count}::float AS rows) s"
        f" CROSS JOIN LATERAL (SELECT {count} - n AS k) a"
        f" WHERE t.id = {row.pk}"
    )


def _vehicle(world: World) -> Columns:
    return {
        "pcid": PCID,
        "owner_id": _tenth(world.oems),
        "fingerprint": _digest("vehicle"),
        "not_after": ENDS,
        "published_at": RECENTLY,
    }


def _contract(world: World) -> Columns:
    return {
        "emaid_key": EMAID,
        "emaid": EMAID,
        "pcid": PCID,
        "mo_id": _tenth(world.mos),
        "state": "CASE WHEN k / 10 % 7 = 6 THEN 'ended' ELSE 'running' END",
        "ended_at": "CASE WHEN k / 10 % 7 = 6 THEN now() END",
        "is_default": "true",
        "ends": ENDS,
        "concluded_at": RECENTLY,
    }


def _data() -> Columns:
    return {
        "contract_id": f"{FIRST} + n",
        "certificate_fingerprint": _digest("contract"),
        "valid_until": ENDS,
        "stored_at": RECENTLY,
    }


def _delivery(world: World) -> Columns:
    return {
        "organization_id": _parties(world.cpos[0], world.oems[0], world.cpos[1]),
        "way": "CASE WHEN k % 10 BETWEEN 5 AND 8 THEN 'oem' ELSE 'installation' END",
        "outcome": "CASE WHEN k / 10 % 4 = 3 THEN 'refused' ELSE 'delivered' END",
        "reason": "CASE WHEN k / 10 % 4 = 3 THEN 'expired' ELSE '' END",
        "pcid": PCID,
        "emaid_key": EMAID,
        "at": RECENTLY,
        "notice": "'silent'",
    }


def _audited(world: World) -> Columns:
    return {
        "uuid": UUID,
        "at": RECENTLY,
        "organization_id": _thirds(world.oems[0], world.mos[0], world.cpos[0]),
        "action": "CASE WHEN k / 3 % 3 = 2 THEN 'pcp.publish' ELSE 'ccp.store' END",
        "target_type": "'vehicle'",
        "target_id": PCID,
        "result": "CASE WHEN k / 3 % 6 = 5 THEN 'refused' ELSE 'ok' END",
    }


def _issued(world: World) -> Columns:
    contract, station, car = (LEAVES[of].name for of in (Branch.MO, Branch.CPO, Branch.OEM))
    return {
        "serial": f"substring({_digest('serial')} for 20)",
        "common_name": EMAID,
        "profile": f"CASE k % 3 WHEN 0 THEN '{contract}' WHEN 1 THEN '{station}' ELSE '{car}' END",
        "owner_id": _thirds(world.mos[0], world.cpos[0], world.oems[0]),
        "state": "CASE WHEN k / 3 % 6 = 5 THEN 'revoked' ELSE 'issued' END",
        "fingerprint": _digest("issued"),
        "not_after": SOONER,
        "intended_at": RECENTLY,
    }


def _event(world: World) -> Columns:
    return {
        "uuid": UUID,
        "kind": "'oem.contract.' || CASE WHEN k / 10 % 3 = 2 THEN 'updated' ELSE 'created' END",
        "organization_id": _parties(world.oems[0], world.mos[0], world.mos[1]),
        "lane": PCID,
        "created_at": RECENTLY,
        "fanned_out_at": "now()",
    }


def _told(world: World) -> Columns:
    endpoints = [party.rows[WebhookEndpoint].pk for party in (*world.oems[:1], *world.mos[:1])]
    return {
        "uuid": UUID,
        "event_id": f"{FIRST} + n",
        "endpoint_id": f"CASE WHEN k % 2 = 1 THEN {endpoints[0]} ELSE {endpoints[1]} END",
        "lane": PCID,
        "state": "CASE WHEN k / 10 % 7 = 6 THEN 'failed' ELSE 'delivered' END",
        "created_at": RECENTLY,
    }


def _row_of(job: Job) -> JobRow:
    found = job.rows.first()
    assert found is not None
    return found


def _tenth(parties: list[Any]) -> str:
    """The second party of a role owns a tenth, the first the rest."""
    first, second = (party.organization.pk for party in parties)
    return f"CASE WHEN k % 10 = 9 THEN {second} ELSE {first} END"


def _parties(*parties: Any) -> str:
    """Shares of five, four and one tenth."""
    most, some, few = (party.organization.pk for party in parties)
    return f"CASE WHEN k % 10 = 9 THEN {few} WHEN k % 10 > 4 THEN {some} ELSE {most} END"


def _thirds(*parties: Any) -> str:
    first, second, third = (party.organization.pk for party in parties)
    return f"CASE k % 3 WHEN 0 THEN {first} WHEN 1 THEN {second} ELSE {third} END"


def _digest(label: str) -> str:
    return f"sha256(('{label} ' || n)::bytea)"
