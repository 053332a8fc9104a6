"""Events leave a ledger as lines and come into another one unchanged, or not at all."""

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.clock import SystemClock
from procedures.errors import LedgerConflictError, LedgerError
from procedures.ledger.chain import Record
from procedures.ledger.event import Draft, Mark
from procedures.ledger.intake import Intake, RefusedLineError, take_in
from procedures.ledger.lines import json_lines
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.unit.ledger.test_chain import JSON
from tests.unit.ledger.test_lines import TEXT

MakeLedger = Callable[..., SqliteLedger]


def note(text: str = "") -> Draft:
    return Draft(kind="run.noted", subject="r", environment="e", operator="o", body={"text": text})


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeLedger]:
    made: list[SqliteLedger] = []

    def make_ledger(events: int = 0) -> SqliteLedger:
        ledger = SqliteLedger(tmp_path / f"{len(made)}.db", clock=SystemClock())
        for number in range(events):
            ledger.append(note(str(number)))
        made.append(ledger)
        return ledger

    yield make_ledger
    for ledger in made:
        ledger.close()


def lines_of(ledger: SqliteLedger, after_seq: int = 0) -> list[str]:
    return list(json_lines(ledger.records(after_seq=after_seq)))


def taken(ledger: SqliteLedger, lines: list[str]) -> Intake:
    return take_in(ledger, io.BytesIO("".join(lines).encode()), name="copy.jsonl")


def test_an_empty_ledger_becomes_an_identical_one(make: MakeLedger) -> None:
    source, copy = make(2345), make()
    assert taken(copy, lines_of(source)) == Intake(added=2345, present=0)
    assert list(copy.records()) == list(source.records())
    assert copy.append(note()).seq == 2346
    assert copy.verify().broken_at is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(
        st.builds(
            Draft,
            kind=TEXT,
            subject=TEXT,
            environment=TEXT,
            operator=TEXT,
            body=st.dictionaries(st.text(), JSON, max_size=3),
        ),
        max_size=5,
    )
)
def test_any_text_and_any_json_come_out_as_they_went_in(events: list[Draft]) -> None:
    with tempfile.TemporaryDirectory() as place:
        source = SqliteLedger(Path(place) / "source.db", clock=SystemClock())
        copy = SqliteLedger(Path(place) / "copy.db", clock=SystemClock())
        for draft in events:
            source.append(draft)
        taken(copy, lines_of(source))
        assert list(copy.records()) == list(source.records())
        assert copy.events() == source.events()
        source.close()
        copy.close()


@pytest.mark.parametrize("first", [1, 3, 5, 6])
def test_a_copy_is_continued_from_lines_that_overlap_it(make: MakeLedger, first: int) -> None:
    source, copy = make(5), make()
    taken(copy, lines_of(source))
    for _ in range(3):
        source.append(note())
    intake = taken(copy, lines_of(source, after_seq=first - 1))
    assert intake == Intake(added=3, present=6 - first)
    assert list(copy.records()) == list(source.records())


def test_lines_that_are_there_already_add_nothing(make: MakeLedger) -> None:
    source = make(5)
    assert taken(source, lines_of(source)[1:4]) == Intake(added=0, present=3)
    assert taken(source, []) == Intake(added=0, present=0)
    assert source.mark().seq == 5


def altered(line: str, **fields: object) -> str:
    return json.dumps({**json.loads(line), **fields}) + "\n"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: altered(lines[3], operator="nobody"), "event 4: its content was altered"),
        (lambda lines: altered(lines[3], hash="0" * 64), "event 4: its content was altered"),
        (lambda lines: lines[4], "event 5: event 4 is missing"),
        (lambda lines: lines[3][:50], "it is not JSON"),
        (lambda lines: lines[3].replace('"seq":4', '"seq":"4"'), "seq is not a position"),
        (lambda lines: "\x00\n", "it is not JSON"),
    ],
)
def test_one_line_that_is_wrong_is_named_and_nothing_is_taken(
    make: MakeLedger, damage: Callable[[list[str]], str], said: str
) -> None:
    lines, copy = lines_of(make(1500)), make(0)
    lines[3] = damage(lines)
    with pytest.raises(RefusedLineError, match=rf"^copy\.jsonl:4: {said}") as refused:
        taken(copy, lines)
    assert refused.value.fix.startswith("Nothing was imported")
    assert copy.mark().seq == 0


def test_the_number_of_a_line_counts_empty_ones(make: MakeLedger) -> None:
    lines = lines_of(make(2))
    with pytest.raises(RefusedLineError, match=r"^copy\.jsonl:4: "):
        taken(make(), [lines[0], "\n", "\r\n", lines[0]])


def test_another_history_is_refused_where_it_parts(make: MakeLedger) -> None:
    source, copy = make(5), make()
    taken(copy, lines_of(source))
    copy.append(note("here"))
    source.append(note("there"))
    source.append(note("there"))
    with pytest.raises(RefusedLineError, match=r"copy\.jsonl:6: event 6 is another one"):
        taken(copy, lines_of(source))
    with pytest.raises(RefusedLineError, match=r"copy\.jsonl:1: event 7: it does not follow"):
        taken(copy, lines_of(source, after_seq=6))
    assert copy.mark().seq == 6


def test_lines_that_begin_behind_the_end_are_refused(make: MakeLedger) -> None:
    with pytest.raises(RefusedLineError, match=r"copy\.jsonl:1: event 5: event 3 is missing"):
        taken(make(2), lines_of(make(6), after_seq=4))


def test_a_ledger_that_has_grown_in_the_meantime_takes_nothing(make: MakeLedger) -> None:
    source, copy = make(3), make()
    coming = list(source.records())
    copy.append(note())
    with pytest.raises(LedgerConflictError, match="meantime"):
        copy.adopt(coming)
    assert copy.mark().seq == 1


def test_a_batch_that_breaks_the_chain_takes_back_those_before_it(make: MakeLedger) -> None:
    source, copy = make(2500), make()
    coming = list(source.records())
    coming[2400] = coming[2400]._replace(operator="nobody")
    with pytest.raises(LedgerError, match="event 2401 cannot be adopted"):
        copy.adopt(coming)
    assert copy.mark().seq == 0
    assert copy.adopt(source.records()) == 2500


def test_an_import_that_is_interrupted_leaves_nothing_behind(make: MakeLedger) -> None:
    source, copy = make(2500), make()

    def interrupted() -> Iterator[Record]:
        for record in source.records():
            if record.seq == 2400:
                raise KeyboardInterrupt
            yield record

    with pytest.raises(KeyboardInterrupt):
        copy.adopt(interrupted())
    assert copy.mark().seq == 0
    assert copy.append(note()).seq == 1


def test_events_come_out_from_any_position(make: MakeLedger) -> None:
    source = make(2100)
    assert [record.seq for record in source.records(after_seq=2097)] == [2098, 2099, 2100]
    (last,) = source.records(after_seq=2099)
    assert Mark(seq=last.seq, hash=last.hash) == source.mark()
