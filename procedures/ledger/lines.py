"""Events as lines of text: JSON for programs, with all that is stored, and CSV for people."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from procedures.errors import LedgerError
from procedures.execution.cleaning import clean_line
from procedures.ledger.chain import Record, written

_FIELDS = Record._fields
_LONGEST_CELL = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With any of these a spreadsheet takes a cell for something to compute."""

# A tampered column may hold any type; then the line shows it, and no import takes it.
_encode = json.JSONEncoder(separators=(",", ":"), default=repr).encode


def json_lines(records: Iterable[Record]) -> Iterator[str]:
    """Yield each event as one line of JSON in ASCII, which :func:`parsed` reads back unchanged."""
    for record in records:
        yield _encode(record._asdict()) + "\n"


def csv_lines(records: Iterable[Record]) -> Iterator[str]:
    """Yield a heading and each event as a line of CSV, harmless to spreadsheets and terminals."""
    yield _row(_FIELDS)
    for record in records:
        seq, *names, body, previous_hash, own_hash = (str(value) for value in record)
        cells = [seq, *(clean_line(name, limit=_LONGEST_CELL) for name in names)]
        yield _row([*cells, _printable(body), previous_hash, own_hash])


def parsed(line: bytes) -> Record:
    """Return the event of a line of JSON; LedgerError says what is wrong with it."""
    try:
        fields = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise LedgerError(f"byte {error.start + 1} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"it is not JSON: {error}") from error
    if not isinstance(fields, dict) or fields.keys() != set(_FIELDS):
        raise LedgerError(f"it is not an event, an object of {', '.join(_FIELDS)}")
    record = Record(**fields)
    _require_sound(record)
    return record


def _require_sound(record: Record) -> None:
    if type(record.seq) is not int or not 0 < record.seq < 2**63:
        raise LedgerError("seq is not a position from 1")
    for name, text in zip(_FIELDS[1:], record[1:], strict=True):
        if not isinstance(text, str):
            raise LedgerError(f"{name} is not text")
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise LedgerError(f"{name} holds half of a character")
        if "\0" in text:
            raise LedgerError(f"{name} holds a NUL character")
    # One event that cannot be read would stop whoever reads its story.
    event = record.event()
    if event.at.tzinfo is None or written(event.at) != record.at:
        raise LedgerError("at is not a time as a ledger writes it")
    if not isinstance(event.body, dict):
        raise LedgerError("body is not an object")


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells
    )
    return line.getvalue()


def _printable(body: str) -> str:
    # It is JSON in ASCII, of any length, unless it was tampered with.
    return body if body.isascii() and body.isprintable() else ascii(body)
