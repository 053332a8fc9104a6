"""Facts kept while a shared ledger does not answer: each is written once, in its order."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from procedures.clock import SystemClock
from procedures.errors import LedgerError, LedgerUnreachableError
from procedures.ledger.address import LedgerAddress
from procedures.ledger.choose import outbox_for, watermark_for
from procedures.ledger.event import KEPT_AT, Draft, Event, Ledger, happened_at
from procedures.ledger.outbox import KEPT, Outbox
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.integration.ledger.stores import Store, note
from tests.unit.ledger.test_chain import JSON
from tests.unit.ledger.test_lines import TEXT

AT = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
FIELDS = ("kind", "subject", "environment", "operator")
KEEPER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from procedures.ledger.event import Draft
from procedures.ledger.outbox import Outbox
for n in range(int(sys.argv[3])):
    Outbox(Path(sys.argv[1])).keep(
        Draft(kind="run.noted", subject=sys.argv[2], environment="e", operator="o", body={"n": n}),
        datetime.now(UTC))
"""
DELIVERER = """
import os, signal, sys
from pathlib import Path
from procedures.clock import SystemClock
from procedures.ledger.outbox import Outbox
from procedures.ledger.sqlite_ledger import SqliteLedger
class Dying(SqliteLedger):
    def append(self, draft, *, after=None):
        event = super().append(draft, after=after)
        if event.seq == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return event
Outbox(Path(sys.argv[1])).deliver(Dying(Path(sys.argv[2]), clock=SystemClock()))
"""


class Faulty:
    """A ledger that answers only so many appends, and may lose the answer to the last."""

    def __init__(self, ledger: Ledger, answers: int = 0) -> None:
        self._ledger = ledger
        self.answers = answers
        self.loses_answer = False

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        if self.answers:
            self.answers -= 1
            return self._ledger.append(draft, after=after)
        doubtful = ""
        if self.loses_answer:
            self.loses_answer = False
            doubtful = self._ledger.append(draft, after=after).hash
        raise LedgerUnreachableError("the ledger does not answer", doubtful=doubtful)

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


def faulty(ledger: Ledger, answers: int = 0) -> Ledger:
    return Faulty(ledger, answers)  # type: ignore[return-value]


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "state" / "outbox.db")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[SqliteLedger]:
    """A ledger that stands for the shared one."""
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=SystemClock())
    yield ledger
    ledger.close()


def numbers(events: Sequence[Event]) -> list[int]:
    return [event.body["n"] for event in events]


def test_what_is_kept_waits_in_its_order_for_whoever_looks(outbox: Outbox) -> None:
    for n in range(4):
        outbox.keep(note(f"run-{n % 2}", n=n), AT + timedelta(seconds=n))
    waiting = Outbox(outbox.path).pending()
    assert [kept.draft.body["n"] for kept in waiting] == [0, 1, 2, 3]
    assert waiting[2].at == AT + timedelta(seconds=2)
    assert [kept.draft.body["n"] for kept in outbox.pending(subject="run-1")] == [1, 3]
    assert len({kept.id for kept in waiting}) == 4


def test_without_a_fact_there_is_no_file(outbox: Outbox, own: SqliteLedger) -> None:
    assert outbox.pending() == ()
    assert outbox.deliver(own) == 0
    assert not outbox.path.parent.exists()


def test_only_the_owner_can_read_what_is_kept(outbox: Outbox) -> None:
    outbox.keep(note(), AT)
    assert outbox.path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in outbox.path.parent.iterdir()} == {0o600}


def test_what_is_delivered_says_when_it_happened(outbox: Outbox, store: Store) -> None:
    ledger = store.open()
    for n in range(3):
        outbox.keep(note(f"run-{n % 2}", n=n), AT + timedelta(minutes=n))
    assert outbox.deliver(ledger) == 3
    events = ledger.events()
    assert numbers(events) == [0, 1, 2]
    assert [happened_at(event) for event in events] == [AT + timedelta(minutes=n) for n in range(3)]
    assert all(event.at > happened_at(event) for event in events)
    assert outbox.pending() == ()
    assert outbox.deliver(ledger) == 0
    assert ledger.verify().events == 3


def test_an_event_that_was_never_kept_happened_when_it_was_recorded(own: SqliteLedger) -> None:
    for body in ({}, {KEPT_AT: 5}, {KEPT_AT: "yesterday"}, {KEPT_AT: "2026-03-04T03:12"}):
        event = own.append(note(**body))
        assert happened_at(event) == event.at


def test_a_ledger_that_falls_silent_leaves_the_rest_here(outbox: Outbox, own: SqliteLedger) -> None:
    for n in range(5):
        outbox.keep(note(n=n), AT)
    with pytest.raises(LedgerUnreachableError):
        outbox.deliver(faulty(own, answers=2))
    assert numbers(own.events()) == [0, 1]
    assert [kept.draft.body["n"] for kept in outbox.pending()] == [2, 3, 4]
    assert outbox.deliver(own) == 3
    assert numbers(own.events()) == [0, 1, 2, 3, 4]


def test_an_append_whose_answer_was_lost_is_not_repeated(outbox: Outbox, own: SqliteLedger) -> None:
    outbox.keep(note(n=0), AT)
    broken = Faulty(own)
    broken.loses_answer = True
    with pytest.raises(LedgerUnreachableError) as unreachable:
        outbox.deliver(broken)  # type: ignore[arg-type]
    assert not unreachable.value.doubtful
    assert len(outbox.pending()) == 1
    assert outbox.deliver(own) == 1
    assert numbers(own.events()) == [0]


def test_a_fact_that_was_recorded_before_it_was_kept_is_not_repeated(
    outbox: Outbox, own: SqliteLedger
) -> None:
    event = own.append(note(n=0))
    outbox.keep(note(n=0), AT, doubtful=event.hash)
    outbox.keep(note(n=1), AT, doubtful="f" * 64)
    assert outbox.deliver(own) == 2
    assert numbers(own.events()) == [0, 1]


@pytest.mark.parametrize("killed_at", [1, 3, 5])
def test_a_console_killed_between_writing_and_removing_writes_nothing_twice(
    outbox: Outbox, own: SqliteLedger, tmp_path: Path, killed_at: int
) -> None:
    for n in range(5):
        outbox.keep(note(f"run-{n % 2}", n=n), AT)
    words = [str(outbox.path), str(tmp_path / "ledger.db"), str(killed_at)]
    done = subprocess.run([sys.executable, "-c", DELIVERER, *words], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(outbox.pending()) == 6 - killed_at
    assert outbox.deliver(own) == 6 - killed_at
    assert numbers(own.events()) == [0, 1, 2, 3, 4]


def test_several_processes_keep_at_once(outbox: Outbox) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", KEEPER, str(outbox.path), f"run-{n}", "25"])
        for n in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(outbox.pending()) == 75
    for n in range(3):
        of_run = outbox.pending(subject=f"run-{n}")
        assert [kept.draft.body["n"] for kept in of_run] == list(range(25))


def test_several_consoles_deliver_at_once(outbox: Outbox, store: Store) -> None:
    for n in range(40):
        outbox.keep(note(f"run-{n % 3}", n=n), AT)
    consoles = [store.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda ledger: Outbox(outbox.path).deliver(ledger), consoles))
    events = consoles[0].events()
    assert sorted(numbers(events)) == list(range(40))
    for n in range(3):
        of_run = numbers([event for event in events if event.subject == f"run-{n}"])
        assert of_run == sorted(of_run)
    assert not outbox.pending()


def test_facts_are_kept_while_others_are_delivered(outbox: Outbox, own: SqliteLedger) -> None:
    for n in range(20):
        outbox.keep(note(n=n), AT)

    def keep(n: int) -> None:
        outbox.keep(note(n=n), AT)

    with ThreadPoolExecutor(4) as pool:
        delivering = pool.submit(outbox.deliver, own)
        list(pool.map(keep, range(20, 40)))
        delivering.result(60)
    outbox.deliver(own)
    events = numbers(own.events())
    assert events[:20] == list(range(20))
    assert sorted(events[20:]) == list(range(20, 40))


def test_what_the_story_cannot_take_any_more_is_written_as_the_caller_says(
    outbox: Outbox, own: SqliteLedger
) -> None:
    own.append(note("run-1", "run.aborted", n=9))
    for subject, n in (("run-1", 0), ("run-2", 1), ("run-1", 2)):
        outbox.keep(note(subject, "step.finished", n=n), AT)

    def fit(draft: Draft, story: Sequence[Event]) -> Draft | None:
        assert {event.subject for event in story} <= {draft.subject}
        if any(event.kind == "run.aborted" for event in story):
            return replace(draft, kind="run.noted", body={"n": draft.body["n"]})
        return draft

    assert outbox.deliver(own, fit=fit) == 3
    assert [event.kind for event in own.events(after_seq=1)] == [
        "run.noted",
        "step.finished",
        "run.noted",
    ]
    assert all(KEPT in event.body and KEPT_AT in event.body for event in own.events(after_seq=1))


def test_what_is_not_wanted_any_more_is_dropped(outbox: Outbox, own: SqliteLedger) -> None:
    outbox.keep(note(n=0), AT)
    assert outbox.deliver(own, fit=lambda draft, story: None) == 1
    assert not own.events()
    assert not outbox.pending()


def test_the_story_is_read_again_when_another_console_records_meanwhile(
    outbox: Outbox, own: SqliteLedger, tmp_path: Path
) -> None:
    outbox.keep(note(n=1), AT)
    seen: list[int] = []

    def fit(draft: Draft, story: Sequence[Event]) -> Draft:
        seen.append(len(story))
        if len(seen) == 1:
            own.append(note(n=0))
        return draft

    assert outbox.deliver(own, fit=fit) == 1
    assert seen == [0, 1]
    assert numbers(own.events()) == [0, 1]


def test_one_story_is_delivered_and_the_others_wait(outbox: Outbox, own: SqliteLedger) -> None:
    for n in range(4):
        outbox.keep(note(f"run-{n % 2}", n=n), AT)
    assert outbox.deliver(own, subject="run-1") == 2
    assert numbers(own.events()) == [1, 3]
    assert len(outbox.pending()) == 2


def test_a_fact_that_the_ledger_refuses_is_not_lost(outbox: Outbox, own: SqliteLedger) -> None:
    outbox.keep(note(n=0), AT)

    def refuse(draft: Draft, story: Sequence[Event]) -> Draft:
        return replace(draft, kind="a\0b")

    with pytest.raises(LedgerError, match="NUL"):
        outbox.deliver(own, fit=refuse)
    assert len(outbox.pending()) == 1


@pytest.mark.parametrize("field", FIELDS)
def test_what_no_ledger_can_hold_is_not_kept(outbox: Outbox, field: str) -> None:
    with pytest.raises(LedgerError, match=field):
        outbox.keep(Draft(**{**dict.fromkeys(FIELDS, "x"), field: "\ud800"}, body={}), AT)
    with pytest.raises(LedgerError, match="not made of JSON"):
        outbox.keep(note(value=float("inf")), AT)
    assert not outbox.path.exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:100],
        lambda content: b"nonsense" * 512,
        lambda content: content[:4096] + b"\xff" * (len(content) - 4096),
    ],
    ids=["half", "head", "nonsense", "pages"],
)
def test_a_damaged_file_is_named_and_left_as_it_is(
    outbox: Outbox, own: SqliteLedger, damage: Callable[[bytes], bytes]
) -> None:
    for n in range(30):
        outbox.keep(note(text="x" * 200, n=n), AT)
    outbox.path.write_bytes(damage(outbox.path.read_bytes()))
    before = outbox.path.read_bytes()
    for use in (outbox.pending, lambda: outbox.deliver(own), lambda: outbox.keep(note(), AT)):
        with pytest.raises(LedgerError, match="cannot be read") as refused:
            use()
        assert str(outbox.path) in refused.value.what
        assert "Keep a copy" in refused.value.fix
    assert outbox.path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(outbox: Outbox, own: SqliteLedger) -> None:
    own.append(note())
    with pytest.raises(LedgerError, match="the database of something else"):
        Outbox(own._path).keep(note(), AT)


def test_a_write_that_was_torn_loses_what_was_not_kept_yet_and_nothing_else(
    outbox: Outbox, tmp_path: Path
) -> None:
    """SIGKILL anywhere in keep: the facts before are whole, and the next one can be kept."""
    for _ in range(8):
        before = len(outbox.pending())
        with subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(outbox.path), "run-1", "100000"]
        ) as keeper:
            try:
                while len(outbox.pending()) < before + 3:
                    assert keeper.poll() is None
            finally:
                keeper.kill()
        numbers_kept = [kept.draft.body["n"] for kept in outbox.pending()]
        assert numbers_kept[before:] == list(range(len(numbers_kept) - before))
    outbox.keep(note(n=0), AT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only directory")
def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LedgerError, match="cannot be kept in"):
        Outbox(tmp_path / "outbox.db").keep(note(), AT)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    with pytest.raises(LedgerError, match="cannot be kept in"):
        Outbox(tmp_path / "state" / "outbox.db").keep(note(), AT)


def test_each_shared_ledger_has_its_own_outbox_and_watermark(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    one = LedgerAddress(url="postgresql://ada@db1:5432/team")
    same = LedgerAddress(url="postgresql://grace@db1:5432/team?sslmode=require")
    two = LedgerAddress(url="postgresql://ada@db2:5432/team")
    places = [watermark_for(path, each) for each in (None, one, same, two)]
    assert places[0] == tmp_path / "ledger.verified"
    assert places[1] == places[2]
    assert len(set(places)) == 3
    assert outbox_for(path, None) is None
    boxes = [outbox_for(path, each) for each in (one, same, two)]
    assert [box.path.parent for box in boxes if box] == [tmp_path] * 3
    assert len({box.path for box in boxes if box}) == 2


@settings(max_examples=30, deadline=None)
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
def test_any_text_and_any_json_come_out_as_they_went_in(draft: Draft) -> None:
    with tempfile.TemporaryDirectory() as place:
        outbox = Outbox(Path(place) / "outbox.db")
        outbox.keep(draft, AT)
        (kept,) = outbox.pending()
        assert (kept.draft, kept.at) == (draft, AT)
        assert outbox.pending(subject=draft.subject) == (kept,)


class OnceInOrder(RuleBasedStateMachine):
    """Whatever fails when, each fact is written once, after those of its story before it."""

    def __init__(self) -> None:
        super().__init__()
        self._place = tempfile.TemporaryDirectory()
        folder = Path(self._place.name)
        self._ledger = SqliteLedger(folder / "ledger.db", clock=SystemClock())
        self._ledger._connection.execute("PRAGMA synchronous = OFF")
        self._outbox = Outbox(folder / "outbox.db")
        self._count = 0

    @rule(run=st.integers(0, 2), recorded=st.booleans())
    def lose_the_ledger_at_a_fact(self, run: int, recorded: bool) -> None:
        """The walk appends, does not get an answer, and keeps the fact."""
        draft = note(f"run-{run}", n=self._count)
        self._count += 1
        if self._outbox.pending(subject=draft.subject):
            recorded = False  # then it is not even tried
        doubtful = self._ledger.append(draft).hash if recorded else ""
        self._outbox.keep(draft, AT, doubtful=doubtful)

    @rule(answers=st.integers(0, 3), loses_answer=st.booleans())
    def deliver(self, answers: int, loses_answer: bool) -> None:
        broken = Faulty(self._ledger, answers)
        broken.loses_answer = loses_answer
        try:
            self._outbox.deliver(broken)  # type: ignore[arg-type]
        except LedgerUnreachableError:
            return
        assert not self._outbox.pending()

    @rule(run=st.integers(0, 2))
    def another_console_records(self, run: int) -> None:
        self._ledger.append(note(f"run-{run}", n=-1))

    @invariant()
    def nothing_is_written_twice_or_out_of_order(self) -> None:
        for run in range(3):
            story = [n for n in numbers(self._ledger.events(subject=f"run-{run}")) if n >= 0]
            assert story == sorted(set(story))

    def teardown(self) -> None:
        self._outbox.deliver(self._ledger)
        written = [n for n in numbers(self._ledger.events()) if n >= 0]
        assert sorted(written) == list(range(self._count))
        self._ledger.close()
        self._place.cleanup()


def test_whatever_fails_each_fact_is_written_once_and_in_order() -> None:
    run_state_machine_as_test(
        OnceInOrder, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
