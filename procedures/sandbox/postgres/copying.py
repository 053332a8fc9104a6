r"""COPY and psql's \copy: rows between a table and a file or a stream."""

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from procedures.sandbox.postgres.cluster import DatabaseError
from procedures.sandbox.postgres.dialect import statements
from procedures.sandbox.postgres.rendering import comma_separated, text
from procedures.sandbox.postgres.session import Session
from procedures.sandbox.shims.usage import UnknownUsageError

_COPY = re.compile(
    r"\\?copy\s+(?P<what>\(.*\)|[\w.]+(?:\s*\([^)]*\))?)\s+(?P<way>TO|FROM)\s+"
    r"(?P<place>'[^']*'|\w+)\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_STREAMS = ("STDOUT", "STDIN", "PSTDOUT", "PSTDIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One COPY.

    Attributes:
        what: A query in parentheses, or a table with an optional list of columns.
        file: Empty for the client's stream.
    """

    what: str
    reads: bool
    file: str
    csv: bool
    header: bool
    delimiter: str


def parsed(statement: str) -> Copy | None:
    """Return the COPY that a statement is; None if it is another one."""
    if not re.match(r"\\?copy\b", statement, re.IGNORECASE):
        return None
    match = _COPY.fullmatch(statement.strip().rstrip(";"))
    if match is None:
        raise UnknownUsageError(f"COPY: {statement}")
    place, rest = match["place"], match["rest"].upper()
    delimiter = re.search(r"DELIMITER\s+(?:AS\s+)?'(.)'", match["rest"], re.IGNORECASE)
    is_csv = "CSV" in rest
    return Copy(
        what=match["what"],
        reads=match["way"].upper() == "FROM",
        file="" if place.upper() in _STREAMS else place.strip("'"),
        csv=is_csv,
        header="HEADER" in rest and "HEADER FALSE" not in rest,
        delimiter=delimiter[1] if delimiter else ("," if is_csv else "\t"),
    )


def script_parts(script: str) -> Iterator[tuple[str, str | None]]:
    """Yield each statement, with the rows that follow it in the script if it copies them in."""
    lines = script.splitlines()
    collected: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if line.startswith("\\"):
            yield from ((each, None) for each in statements("\n".join(collected)))
            collected = []
            yield line.strip().rstrip(";"), None
            continue
        collected.append(line)
        if not line.rstrip().endswith(";"):
            continue
        found = statements("\n".join(collected))
        collected = []
        for each in found:
            if re.match(r"copy\b.*\bfrom\s+stdin\b", each, re.IGNORECASE | re.DOTALL):
                end = next(
                    (n for n in range(position, len(lines)) if lines[n] == "\\."), len(lines)
                )
                yield each, "\n".join([*lines[position:end], ""])
                position = end + 1
            else:
                yield each, None
    yield from ((each, None) for each in statements("\n".join(collected)))


def write_out(session: Session, copy: Copy) -> int:
    """Write rows to the file or to standard output; return their number."""
    query = copy.what[1:-1] if copy.what.startswith("(") else _selection(copy.what)
    result = session.execute(query)
    if copy.csv:
        out = comma_separated(result.columns, result.rows, header=copy.header, by=copy.delimiter)
    else:
        rows = [copy.delimiter.join(text(v, "\\N") for v in row) for row in result.rows]
        out = "".join(f"{row}\n" for row in rows)
    if copy.file:
        Path(copy.file).write_text(out)
    else:
        sys.stdout.write(out)
        sys.stdout.flush()
    return len(result.rows)


def read_into(session: Session, copy: Copy, data: str | None) -> int:
    """Insert rows from the file, the script or standard input; return their number."""
    if data is None:
        try:
            data = Path(copy.file).read_text() if copy.file else sys.stdin.read()
        except OSError as error:
            what = f'could not open file "{copy.file}" for reading: {error.strerror}'
            raise DatabaseError(what) from error
    if copy.csv:
        rows = list(csv.reader(io.StringIO(data), delimiter=copy.delimiter))
    else:
        rows = [line.split(copy.delimiter) for line in data.splitlines() if line != "\\."]
    if copy.header:
        rows = rows[1:]
    for row in rows:
        values = ", ".join(_literal(cell, csv_cell=copy.csv) for cell in row)
        session.execute(f"INSERT INTO {copy.what} VALUES ({values})")  # noqa: S608
    return len(rows)


def _selection(what: str) -> str:
    table, _, columns = what.partition("(")
    return f"SELECT {columns.rstrip(')') or '*'} FROM {table}"  # noqa: S608


def _literal(cell: str, *, csv_cell: bool) -> str:
    if cell == ("" if csv_cell else "\\N"):
        return "NULL"
    quoted = cell.replace("'", "''")
    return f"'{quoted}'"
