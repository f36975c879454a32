"""Triggers that refuse to change, remove or empty the audit trail, whoever holds the connection.

A row leaves in one way only: an anchor (AuditArchive) covers its seal, it is older than KEPT_DAYS,
and on PostgreSQL the transaction has named that anchor with `announce`. Events leave before their
links and links before their seals, so that nothing can be taken out of the chain and stay behind.
An anchor never leaves; one that was forged to let rows go has no MAC that holds, and stays.

What stands here is no lock against the owner of the tables, who can drop it. What he does is found
by the MACs (`verify_audit`).
"""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS: Final = "audit_auditevent"
LINKS: Final = "audit_sealedevent"
SEALS: Final = "audit_auditseal"
ANCHORS: Final = "audit_auditarchive"
TABLES: Final = (EVENTS, LINKS, SEALS, ANCHORS)
KEPT_DAYS: Final = 30
"""What is younger never leaves, whatever the settings say."""

_SEAL_OF_EVENT: Final = f"""
    SELECT s.number FROM {LINKS} l JOIN {SEALS} s ON s.id = l.seal_id WHERE l.event_id = OLD.id"""  # noqa: S608  constants
_SEAL_OF_LINK: Final = f"""
    SELECT s.number FROM {SEALS} s WHERE s.id = OLD.seal_id
    AND NOT EXISTS (SELECT 1 FROM {EVENTS} e WHERE e.id = OLD.event_id)"""  # noqa: S608  constants
_SEAL_ITSELF: Final = f"""
    SELECT s.number FROM {SEALS} s WHERE s.id = OLD.id
    AND NOT EXISTS (SELECT 1 FROM {LINKS} l WHERE l.seal_id = OLD.id)"""  # noqa: S608  constants
_SEAL_OF: Final = {EVENTS: _SEAL_OF_EVENT, LINKS: _SEAL_OF_LINK, SEALS: _SEAL_ITSELF}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers onto the tables; again does no harm."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT quote_ident(current_schema())")
            for statement in _on_postgresql(str(cursor.fetchone()[0])):
                cursor.execute(statement)
        else:
            for statement in _on_sqlite():
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return which triggers are not there, or are switched off."""
    if connection.vendor == "postgresql":
        found = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        wanted = [*_names("update"), *_names("delete"), *_names("truncate")]
    else:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        wanted = [*_names("update"), *_names("delete")]
    with connection.cursor() as cursor:
        cursor.execute(found)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in there]


def announce(connection: BaseDatabaseWrapper, number: int) -> None:
    """Name the anchor whose rows the open transaction is going to remove."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('plugpool.audit_archive', %s, true)", [str(number)])


def _names(what: str) -> list[str]:
    return [f"{table}_no_{what}" for table in TABLES]


def _on_postgresql(schema: str) -> list[str]:
    statements = [_function(schema, "audit_refuse", f"BEGIN {_REFUSE} END")]
    for table in TABLES:
        for what in ("update", "truncate"):
            statements += _trigger(table, what, "EACH STATEMENT", "audit_refuse")
    statements += _trigger(ANCHORS, "delete", "EACH STATEMENT", "audit_refuse")
    for table, seal in _SEAL_OF.items():
        name = f"{table}_may_leave"
        statements.append(_function(schema, name, _LEAVING.format(seal=seal, old=_aged(table))))
        statements += _trigger(table, "delete", "EACH ROW", name)
    return statements


_REFUSE: Final = "RAISE EXCEPTION '% is insert only', TG_TABLE_NAME USING ERRCODE = '23001';"
_LEAVING: Final = f"""
DECLARE named text := current_setting('plugpool.audit_archive', true);
BEGIN
    IF named ~ '^[0-9]+$' AND {{old}} AND ({{seal}}) <=
        (SELECT a.last_seal FROM {ANCHORS} a WHERE a.number = named::bigint)
    THEN RETURN OLD; END IF;
    {_REFUSE}
END"""  # noqa: S608  constants


def _function(schema: str, name: str, body: str) -> str:
    # It looks only into our schema: a temporary table of the same name is not asked.
    head = f"RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp"
    return f"CREATE OR REPLACE FUNCTION {name}() {head} AS $${body}$$"


def _trigger(table: str, what: str, each: str, function: str) -> list[str]:
    name = f"{table}_no_{what}"
    made = f"BEFORE {what.upper()} ON {table} FOR {each} EXECUTE FUNCTION {function}()"
    return [f"DROP TRIGGER IF EXISTS {name} ON {table}", f"CREATE TRIGGER {name} {made}"]


def _on_sqlite() -> list[str]:
    statements: list[str] = []
    for table in TABLES:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is insert only'); END"
        for what in ("update", "delete"):
            name = f"{table}_no_{what}"
            when = f"WHEN NOT ({_covered(table)})" if what == "delete" else ""
            made = f"BEFORE {what.upper()} ON {table} {when} {refuse}"
            statements += [f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {made}"]
    return statements


def _covered(table: str) -> str:
    if table not in _SEAL_OF:
        return "false"
    reached = f"SELECT max(a.last_seal) FROM {ANCHORS} a"  # noqa: S608  constants
    old = "true" if table == LINKS else f"OLD.at < datetime('now', '-{KEPT_DAYS} days')"
    return f"{old} AND coalesce(({_SEAL_OF[table]}) <= ({reached}), false)"


def _aged(table: str) -> str:
    """Say in SQL that a row is old enough; a link has no time of its own, its event had one."""
    return "true" if table == LINKS else f"OLD.at < now() - interval '{KEPT_DAYS} days'"
