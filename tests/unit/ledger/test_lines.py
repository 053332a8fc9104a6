"""Whatever an event holds, its line is valid, reads back unchanged, and harms no one who looks."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.errors import LedgerError
from procedures.ledger.chain import GENESIS, Record, audit, seal
from procedures.ledger.event import Draft
from procedures.ledger.lines import csv_lines, json_lines, parsed
from tests.unit.ledger.test_chain import AT, JSON

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def record(body: dict[str, Any] | None = None, **fields: str) -> Record:
    names = {"kind": "run.noted", "subject": "run-1", "environment": "staging", "operator": "ada"}
    return seal(Draft(body=body or {}, **{**names, **fields}), seq=1, at=AT, previous_hash=GENESIS)


@given(body=st.dictionaries(st.text(), JSON, max_size=3), kind=TEXT, subject=TEXT, operator=TEXT)
def test_an_event_is_the_same_after_a_line_of_json(
    body: dict[str, Any], kind: str, subject: str, operator: str
) -> None:
    event = record(body, kind=kind, subject=subject, operator=operator)
    (line,) = json_lines([event])
    assert line.isascii()
    assert line.count("\n") == 1
    assert parsed(line.encode()) == event
    assert audit([parsed(line.encode())]).broken_at is None


@given(subject=st.text(), kind=st.text(), operator=st.binary() | st.none() | st.text())
def test_a_row_of_csv_is_read_back_as_nine_cells_that_compute_and_steer_nothing(
    subject: str, kind: str, operator: object
) -> None:
    tampered = record(subject=subject, kind=kind)._replace(operator=operator)  # type: ignore[arg-type]
    text = "".join(csv_lines([tampered]))
    assert text.encode()
    heading, row = csv.reader(io.StringIO(text, newline=""))
    assert heading == list(Record._fields)
    assert len(row) == len(Record._fields)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in "".join(row))


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\x1b[1m=1+1"])
def test_a_formula_in_an_event_is_plain_text_in_a_spreadsheet(formula: str) -> None:
    _, row = csv.reader(csv_lines([record(subject=formula)]))
    assert row[3].startswith(("'", " "))


BAD = [
    (b"{", "it is not JSON"),
    (b"\xff{}", "byte 1 is not UTF-8"),
    (b"[1]", "it is not an event"),
    (b"[" * 100_000, "it is not JSON"),
    (b'{"seq":1}', "it is not an event"),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[said for _, said in BAD[:3]] + ["deep", "few"])
def test_a_line_that_holds_no_event_is_refused(line: bytes, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        parsed(line)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("seq", 0, "seq is not a position"),
        ("seq", True, "seq is not a position"),
        ("seq", 1.0, "seq is not a position"),
        ("seq", 2**63, "seq is not a position"),
        ("kind", 7, "kind is not text"),
        ("subject", "\ud800", "subject holds half of a character"),
        ("operator", "a\0b", "operator holds a NUL"),
        ("at", "2026-03-04", "at is not a time"),
        ("at", "2026-03-04T03:12:40.000000+01:00", "at is not a time"),
        ("at", "yesterday", "cannot be read"),
        ("body", "no json", "cannot be read"),
        ("body", "[]", "body is not an object"),
    ],
)
def test_a_field_that_no_ledger_would_write_is_refused(
    field: str, value: object, said: str
) -> None:
    fields = {**record()._asdict(), field: value}
    with pytest.raises(LedgerError, match=said):
        parsed(json.dumps(fields).encode())
