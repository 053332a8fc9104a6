"""What a statement gives, and SQLite's refusals in PostgreSQL's words."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.sandbox.postgres.cluster import DatabaseError
from procedures.sandbox.postgres.dialect import is_truth
from procedures.sandbox.shims.usage import UnknownUsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a statement gave.

    Attributes:
        columns: Names; empty for a statement that returns no rows.
        tag: What psql says of it: ``UPDATE 3``.
    """

    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[object, ...]] = ()
    tag: str = ""


def run(db: sqlite3.Connection, sql: str, *, plain: str = "") -> Result:
    """Carry out a statement of SQLite; ``plain`` is what the operator wrote."""
    try:
        cursor = db.execute(sql)
        rows = cursor.fetchall()
    except sqlite3.Error as error:
        raise _refusal(str(error), plain or sql) from error
    words = sql.split()
    word = words[0].upper()
    if cursor.description is None:
        count = max(0, cursor.rowcount)
        tags = {
            "INSERT": f"INSERT 0 {count}",
            "CREATE": f"CREATE {_created(words)}",
            "DROP": f"DROP {words[1].upper()}",
            "ALTER": f"ALTER {words[1].upper()}",
        }
        return Result(tag=tags.get(word, f"{word} {count}"))
    columns = tuple(_column(name[0]) for name in cursor.description)
    if len(columns) == 1 and is_truth(plain or sql):
        rows = [("t" if row[0] else "f",) if row[0] in (0, 1) else row for row in rows]
    return Result(columns=columns, rows=rows, tag=f"SELECT {len(rows)}")


def _created(words: list[str]) -> str:
    kinds = ("TABLE", "INDEX", "VIEW", "TRIGGER")
    return next((word.upper() for word in words[1:] if word.upper() in kinds), "TABLE")


def _column(name: str) -> str:
    match = re.match(r"(\w+)\(", name)
    return match[1].lower() if match else ("?column?" if not re.fullmatch(r"\w+", name) else name)


def _refusal(text: str, sql: str) -> DatabaseError:
    """Return SQLite's complaint in PostgreSQL's words; UnknownUsageError for what it lacks."""
    if match := re.search(r"no such table: (?:main\.)?(\S+)", text):
        if match[1].startswith(("pg_stat_statements", "pg_")) and match[1] != "pg_stat_statements":
            raise UnknownUsageError(f"the view {match[1]}: {sql}")
        return DatabaseError(f'relation "{match[1]}" does not exist')
    if match := re.search(r"no such column: (\S+)", text):
        return DatabaseError(f'column "{match[1]}" does not exist')
    if match := re.search(r"table (\S+) already exists", text):
        return DatabaseError(f'relation "{match[1]}" already exists')
    if match := re.search(r"index (\S+) already exists", text):
        return DatabaseError(f'relation "{match[1]}" already exists')
    if "UNIQUE constraint failed" in text:
        return DatabaseError("duplicate key value violates unique constraint")
    if "user-defined function raised exception" in text:
        return DatabaseError("recovery is not in progress")
    if match := re.search(r'near "(.*?)": syntax error', text):
        raise UnknownUsageError(f"SQL near {match[1]!r}: {sql}")
    raise UnknownUsageError(f"SQL ({text}): {sql}")
