"""The tables of a PostgreSQL ledger, and how a database is recognised as one.

They have a schema of their own, so that a database of other things can hold them too. ``at`` and
``body`` are text, exactly as hashed. A role that records needs no more than to read and insert.
"""

from typing import TYPE_CHECKING

from asyncpg import InsufficientPrivilegeError

from procedures.errors import LedgerError

if TYPE_CHECKING:
    from asyncpg import Connection, Record

SCHEMA = "quarterdeck"
"""Name of the schema; also of the channel on which each new event is announced."""

VERSION = 1
"""Version of the tables, kept in ``quarterdeck.version``."""

LOCK = 0x51444B31
"""Key of the advisory lock that every append holds until its commit (``QDK1``)."""

COLUMNS = "seq, at, kind, subject, environment, operator, body, previous_hash, hash"

# The collation makes prefixes and order those of the bytes, whatever the database's language is.
_CREATION = f"""
DO $$ BEGIN
    -- Not IF NOT EXISTS, which asks for the right to create schemas even where there is one.
    IF to_regnamespace('{SCHEMA}') IS NULL THEN CREATE SCHEMA {SCHEMA}; END IF;
END $$;
CREATE TABLE {SCHEMA}.version (version integer NOT NULL);
INSERT INTO {SCHEMA}.version VALUES ({VERSION});
CREATE TABLE {SCHEMA}.event (
    seq bigint PRIMARY KEY,
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    environment text COLLATE "C" NOT NULL,
    operator text COLLATE "C" NOT NULL,
    body text COLLATE "C" NOT NULL,
    previous_hash text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL
);
CREATE INDEX event_by_subject ON {SCHEMA}.event (subject, seq);
CREATE INDEX event_by_kind ON {SCHEMA}.event (kind, environment, subject, seq);

CREATE FUNCTION {SCHEMA}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;

CREATE FUNCTION {SCHEMA}.follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT seq, hash INTO last FROM {SCHEMA}.event ORDER BY seq DESC LIMIT 1;
    IF NEW.seq IS DISTINCT FROM coalesce(last.seq, 0) + 1
        OR NEW.previous_hash IS DISTINCT FROM coalesce(last.hash, repeat('0', 64)) THEN
        RAISE EXCEPTION 'the ledger is append-only';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION {SCHEMA}.announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('{SCHEMA}', NEW.seq::text);
    RETURN NULL;
END $$;

CREATE TRIGGER event_keeps_its_past BEFORE UPDATE OR DELETE OR TRUNCATE ON {SCHEMA}.event
    FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.refuse();
CREATE TRIGGER event_goes_to_the_end BEFORE INSERT ON {SCHEMA}.event
    FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.follow();
CREATE TRIGGER event_is_announced AFTER INSERT ON {SCHEMA}.event
    FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.announce();
"""  # noqa: S608 - constants

_SITUATION = """
SELECT current_user AS role,
       current_setting('server_encoding') AS encoding,
       current_setting('transaction_read_only') = 'on' AS read_only,
       (SELECT count(*) FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1) AS objects,
       (SELECT count(*) FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relname IN ('version', 'event')) AS tables
"""


async def holds_anything(connection: "Connection[Record]") -> bool:
    """Tell whether the database has a schema of the ledger's name with something in it."""
    return bool((await _situation(connection))["objects"])


async def prepare(connection: "Connection[Record]", place: str, *, read_only: bool) -> None:
    """Make sure that the database holds a ledger that can be used; LedgerError if it cannot.

    Args:
        connection: Outside any transaction.
        place: How errors name the database.
        read_only: Change nothing, and ask for no more than the right to read.
    """
    situation = await _situation(connection)
    if not situation["objects"] and not read_only:
        _require_writable(situation, place)
        await _create(connection, place, situation["role"])
    elif not situation["objects"]:
        raise LedgerError(
            f"there is no ledger in {place}", fix="Open the console once: it creates one"
        )
    elif situation["tables"] != 2:
        raise LedgerError(
            f"the schema {SCHEMA} of {place} is not a ledger", fix="Name another database"
        )
    await _require_version(connection, place)
    if not read_only:
        _require_writable(situation, place)
        await _require_rights(connection, place, situation["role"])


def grants(role: str) -> str:
    """Return the statements that let ``role`` record."""
    role = role.replace('"', '""')
    return (
        f'GRANT USAGE ON SCHEMA {SCHEMA} TO "{role}"; '
        f'GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO "{role}"; '
        f'GRANT INSERT ON {SCHEMA}.event TO "{role}"'
    )


def _require_writable(situation: "Record", place: str) -> None:
    if situation["encoding"] != "UTF8":
        raise LedgerError(
            f"the database {place} is not in UTF8 but in {situation['encoding']}",
            fix="Create another with: createdb --encoding=UTF8 --template=template0 NAME",
        )
    if situation["read_only"]:
        raise LedgerError(
            f"the ledger {place} cannot be written: its server only lets this role read",
            fix="Name the primary server, or add ?target_session_attrs=read-write to the url",
        )


async def _create(connection: "Connection[Record]", place: str, role: str) -> None:
    try:
        # Read committed, so that after the lock is got, whatever another console created is seen.
        async with connection.transaction(isolation="read_committed"):
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
            if not (await _situation(connection))["objects"]:
                await connection.execute(_CREATION)
    except InsufficientPrivilegeError as error:
        raise LedgerError(
            f"there is no ledger in {place} yet, and {role} may not create it",
            fix="Let the owner of the database open a console first, who then lets you in with: "
            f"{grants(role)}",
        ) from error


async def _situation(connection: "Connection[Record]") -> "Record":
    situation = await connection.fetchrow(_SITUATION, SCHEMA)
    assert situation is not None  # noqa: S101 - a SELECT without FROM has one row
    return situation


async def _require_version(connection: "Connection[Record]", place: str) -> None:
    version = await connection.fetchval(f"SELECT max(version) FROM {SCHEMA}.version")  # noqa: S608 - constant
    if version is None or version > VERSION:
        raise LedgerError(
            f"{place} was written by a newer quarterdeck (schema {version}, here {VERSION})",
            fix="Upgrade quarterdeck on this machine",
        )


async def _require_rights(connection: "Connection[Record]", place: str, role: str) -> None:
    reads, inserts = (
        f"has_table_privilege('{SCHEMA}.event', '{right}')" for right in ("SELECT", "INSERT")
    )
    if not await connection.fetchval(f"SELECT {reads} AND {inserts}"):
        raise LedgerError(
            f"the ledger {place} cannot be written by {role}",
            fix=f"Let its owner run: {grants(role)}",
        )
