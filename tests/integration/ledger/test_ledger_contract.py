"""What every ledger does, whether it is kept in a file or in a server."""

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.clock import SystemClock
from procedures.errors import LedgerConflictError, LedgerError
from procedures.ledger.chain import START, Record, seal
from procedures.ledger.event import Draft, Ledger, Mark
from procedures.ledger.intake import Intake, take_in
from procedures.ledger.lines import json_lines
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.ledger.watermark import verify_since_last, verify_whole
from tests.integration.ledger.stores import Store, note
from tests.unit.ledger.test_chain import JSON
from tests.unit.ledger.test_lines import TEXT

FIELDS = ("kind", "subject", "environment", "operator")


def test_what_was_recorded_is_read_back_by_the_next_console(ledger: Ledger, store: Store) -> None:
    recorded = ledger.append(note(text="\x1b[31mü\udcff\0", count=3, deep=[{"a": [None, 1.5]}]))
    assert (recorded.seq, recorded.previous_hash) == (1, START.hash)
    assert list(store.open().events()) == [recorded]


def test_events_are_chosen_by_subject_kind_and_position(ledger: Ledger) -> None:
    ledger.append(note("run-1", "run.started"))
    ledger.append(note("run-1", "step.started"))
    ledger.append(note("run-2", "run.started"))
    ledger.append(note("run-2", "runaway.seen"))
    ledger.append(note("run-2", "run\U0010fffe"))

    def chosen(**choice: object) -> list[int]:
        return [event.seq for event in ledger.events(**choice)]  # type: ignore[arg-type]

    assert chosen(kind_prefix="run.") == [1, 3]
    assert chosen(kind_prefix="run") == [1, 3, 4, 5]
    assert chosen(subject="run-1") == [1, 2]
    assert chosen(subject="run-1", kind_prefix="step.") == [2]
    assert chosen(after_seq=1, limit=2) == [2, 3]
    assert chosen(subject="run-3") == []


def test_more_events_than_are_read_at_a_time_come_in_order(ledger: Ledger) -> None:
    ledger.adopt(chain_of(4321))
    assert [event.seq for event in ledger.events()] == list(range(1, 4322))
    assert len(ledger.events(limit=4001)) == 4001
    assert [record.seq for record in ledger.records(after_seq=4000)] == list(range(4001, 4322))
    assert ledger.verify().events == 4321


def test_open_stories_are_those_whose_last_turn_opened_them(ledger: Ledger) -> None:
    for subject, kind in [
        ("run-1", "run.started"),
        ("run-2", "run.started"),
        ("run-2", "run.ended"),
        ("run-3", "run.started"),
        ("run-3", "step.started"),
        ("run-4", "run.started"),
        ("run-4", "run.ended"),
        ("run-4", "rollback.begun"),
        ("run-1", "step.finished"),
    ]:
        ledger.append(note(subject, kind))
    opened, ended = ("run.started", "rollback.begun"), ("run.ended",)
    found = ledger.unfinished("staging", opened=opened, ended=ended)
    assert list(found) == ["run-4", "run-3", "run-1"]
    assert not ledger.unfinished("production", opened=opened, ended=ended)
    assert list(ledger.unfinished("staging", opened=opened, ended=())) == [
        "run-4",
        "run-3",
        "run-2",
        "run-1",
    ]


def test_the_place_of_the_newest_event_is_known(ledger: Ledger) -> None:
    assert ledger.mark() == START
    event = ledger.append(note())
    assert ledger.mark() == Mark(seq=1, hash=event.hash)


def test_a_console_that_did_not_read_the_latest_event_of_a_story_cannot_add_to_it(
    ledger: Ledger,
) -> None:
    first = ledger.append(note(), after=0)
    ledger.append(note("run-2"))
    second = ledger.append(note(), after=first.seq)
    with pytest.raises(LedgerConflictError):
        ledger.append(note(), after=first.seq)
    with pytest.raises(LedgerConflictError):
        ledger.append(note(), after=0)
    assert [event.seq for event in ledger.events(subject="run-1")] == [first.seq, second.seq]
    assert ledger.append(note(), after=second.seq).seq == 4


def test_of_several_consoles_that_decide_at_once_one_does(store: Store) -> None:
    consoles = [store.open() for _ in range(4)]

    def decide(console: Ledger) -> bool:
        try:
            console.append(note(), after=0)
        except LedgerConflictError:
            return False
        return True

    with ThreadPoolExecutor(len(consoles)) as pool:
        assert sorted(pool.map(decide, consoles)) == [False, False, False, True]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    ("text", "found"), [("a\0b", "a NUL character"), ("\ud800", "half of a character")]
)
def test_text_that_some_store_cannot_hold_is_refused_by_all(
    ledger: Ledger, field: str, text: str, found: str
) -> None:
    fields = dict.fromkeys(FIELDS, "x") | {field: text}
    with pytest.raises(LedgerError, match=f"the {field} of .* holds {found}"):
        ledger.append(Draft(**fields, body={}))
    assert ledger.mark() == START
    assert ledger.append(note()).seq == 1


def test_a_body_that_is_not_json_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="not made of JSON"):
        ledger.append(note(value=float("nan")))
    assert ledger.append(note()).seq == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET operator = 'nobody' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "INSERT INTO event VALUES (9, '', '', '', '', '', '', '', '')",
        "INSERT INTO event VALUES (1, '', '', '', '', '', '', '', '')",
    ],
)
def test_the_store_itself_refuses_to_rewrite_its_past(
    ledger: Ledger, store: Store, statement: str
) -> None:
    ledger.append(note())
    ledger.append(note())
    with pytest.raises(Exception, match="append-only"):
        store.tamper(statement)
    assert ledger.verify().events == 2


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE event SET operator = 'nobody' WHERE seq = 3", 3),
        ("UPDATE event SET body = 'no json' WHERE seq = 4", 4),
        ("DELETE FROM event WHERE seq = 1", 2),
        ("UPDATE event SET seq = -7 WHERE seq = 1", -7),
    ],
)
def test_verify_names_the_first_event_that_was_tampered_with(
    ledger: Ledger, store: Store, statement: str, broken_at: int
) -> None:
    for _ in range(5):
        ledger.append(note())
    if store.server:
        without = ["ALTER TABLE event DISABLE TRIGGER USER"]
    else:
        names = "event_keeps_its_past", "event_is_never_removed"
        without = [f"DROP TRIGGER {name}" for name in names]
    store.tamper(*without, statement)
    verification = ledger.verify()
    assert verification.broken_at == broken_at
    assert verification.problem


def test_verify_goes_on_from_a_place_that_must_still_be_what_it_was(
    ledger: Ledger, tmp_path: Path
) -> None:
    watermark = tmp_path / "ledger.verified"
    first = ledger.append(note())
    ledger.append(note())
    assert ledger.verify(since=Mark(seq=1, hash=first.hash)).events == 1
    assert ledger.verify(since=Mark(seq=1, hash="0" * 64)).broken_at == 1
    assert ledger.verify(since=Mark(seq=9, hash=first.hash)).broken_at == 9
    assert verify_since_last(ledger, watermark).events == 2
    ledger.append(note())
    assert verify_since_last(ledger, watermark).events == 1
    assert verify_whole(ledger, watermark).events == 3


def test_consoles_that_write_at_once_keep_one_unbroken_chain(store: Store) -> None:
    store.open()
    processes = [store.appending(f"run-{n}", 60) for n in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    ledger = store.open()
    assert ledger.verify().events == 180
    assert ledger.verify().broken_at is None
    assert [event.body["n"] for event in ledger.events(subject="run-1")] == list(range(60))


def test_threads_of_one_console_share_a_ledger(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ledger.append(note(n=n)), range(80)))
    assert ledger.verify().events == 80


def test_consoles_that_come_first_at_once_create_one_ledger(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        consoles = list(pool.map(lambda _: store.open(), range(6)))
    for console in consoles:
        console.append(note())
    assert consoles[0].verify().events == 6


def test_waiting_ends_when_another_process_records(ledger: Ledger, store: Store) -> None:
    with store.appending("run-1", 1):
        assert ledger.wait(0, 60.0)
    assert ledger.mark().seq == 1


def test_waiting_holds_nobody_up_and_ends_when_this_process_records(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ledger.wait, 1, 60.0)
        ledger.append(note())
        assert ledger.events()
        assert not waiting.done()
        ledger.append(note())
        assert waiting.result(30)


def test_waiting_in_vain_ends_in_time(ledger: Ledger) -> None:
    ledger.append(note())
    assert not ledger.wait(1, 0.15)
    assert ledger.wait(0, 0.0)


def test_a_ledger_that_is_closed_ends_the_waiting_for_it(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ledger.wait, 0, 60.0)
        ledger.close()
        with pytest.raises(LedgerError, match="closed"):
            waiting.result(30)
        with pytest.raises(LedgerError, match="closed"):
            ledger.append(note())
        ledger.close()


def test_reading_only_sees_what_a_living_console_records_and_writes_nothing(
    ledger: Ledger, store: Store
) -> None:
    ledger.append(note())
    reader = store.open(read_only=True)
    ledger.append(note())
    assert reader.verify().events == 2
    assert reader.wait(1, 0.0)
    following = seal(note(), seq=3, at=SystemClock().now(), previous_hash=ledger.mark().hash)
    with pytest.raises(LedgerError, match="cannot be written"):
        reader.append(note())
    with pytest.raises(LedgerError, match="cannot be written"):
        reader.adopt([following])
    assert ledger.mark().seq == 2


def test_reading_only_does_not_create_a_ledger(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(LedgerError, match="there is no ledger"):
            store.open(read_only=True)


def test_a_ledger_of_a_newer_version_is_not_touched(ledger: Ledger, store: Store) -> None:
    ledger.close()
    if store.server:
        store.tamper("UPDATE quarterdeck.version SET version = 99")
    else:
        store.tamper("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="newer quarterdeck"):
        store.open()


def test_events_that_do_not_continue_the_chain_are_not_adopted(ledger: Ledger) -> None:
    records = list(chain_of(2500))
    forged = [*records[:2100], records[2100]._replace(operator="nobody"), *records[2101:]]
    with pytest.raises(LedgerError, match="event 2101 cannot be adopted"):
        ledger.adopt(forged)
    assert ledger.mark() == START
    assert ledger.adopt(records[:1200]) == 1200
    with pytest.raises(LedgerConflictError):
        ledger.adopt(records)
    with pytest.raises(LedgerError, match="event 1201 is missing"):
        ledger.adopt(records[1201:])
    assert ledger.adopt(records[1200:]) == 1300
    assert list(ledger.records()) == records
    assert ledger.append(note()).seq == 2501
    assert ledger.verify().broken_at is None


def test_a_ledger_moves_to_the_other_kind_and_back_with_the_same_hashes(
    ledger: Ledger, tmp_path: Path
) -> None:
    elsewhere = SqliteLedger(tmp_path / "elsewhere.db", clock=SystemClock())
    back = SqliteLedger(tmp_path / "back.db", clock=SystemClock())
    for n in range(25):
        elsewhere.append(note(f"run-{n % 3}", text="ü\0\udcff", n=n))
    assert moved(elsewhere, ledger) == Intake(added=25, present=0)
    assert moved(elsewhere, ledger) == Intake(added=0, present=25)
    ledger.append(note("later"))
    assert moved(ledger, back) == Intake(added=26, present=0)
    assert list(back.records()) == list(ledger.records())
    assert list(back.records())[:25] == list(elsewhere.records())
    elsewhere.close()
    back.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    draft=st.builds(
        Draft,
        kind=TEXT,
        subject=TEXT,
        environment=TEXT,
        operator=TEXT,
        body=st.dictionaries(st.text(), JSON, max_size=3),
    )
)
def test_any_text_and_any_json_come_out_as_they_went_in(ledger: Ledger, draft: Draft) -> None:
    last = ledger.mark()
    recorded = ledger.append(draft)
    (read,) = ledger.events(after_seq=last.seq)
    assert read == recorded
    assert (read.kind, read.subject) == (draft.kind, draft.subject)
    assert (read.environment, read.operator) == (draft.environment, draft.operator)
    assert ledger.verify(since=None if not last.seq else last).broken_at is None
    if draft.subject:
        assert read in ledger.events(subject=draft.subject, after_seq=last.seq)
    assert read in ledger.events(kind_prefix=draft.kind[:1], after_seq=last.seq)


def chain_of(count: int) -> list[Record]:
    with tempfile.TemporaryDirectory() as place:
        source = SqliteLedger(Path(place) / "source.db", clock=SystemClock())
        source._connection.execute("PRAGMA synchronous = OFF")
        for n in range(count):
            source.append(note(n=n))
        records = list(source.records())
        source.close()
    return records


def moved(source: Ledger, target: Ledger) -> Intake:
    lines = "".join(json_lines(source.records())).encode()
    return take_in(target, io.BytesIO(lines), name="copy.jsonl")
