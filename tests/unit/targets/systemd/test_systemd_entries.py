"""Entries of the journal as lines and as changes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.log_lines import LONGEST_LINE, Severity
from procedures.targets.systemd.changes import change_of, folded
from procedures.targets.systemd.entries import Entry, Splitter, entries_of, log_lines
from procedures.targets.systemd.errors import explained, journal_error

AT_US = 1795880079815611
STAMP = "2026-11-28T15:34:39.815611Z"


def raw(message: object, priority: str = "6") -> bytes:
    fields = {"MESSAGE": message, "__REALTIME_TIMESTAMP": str(AT_US), "PRIORITY": priority}
    return json.dumps(fields, ensure_ascii=False).encode()


def texts(*lines: bytes) -> list[str]:
    return [line.text for line in log_lines(entries_of(lines), "app")]


def test_a_line_has_its_moment_to_the_microsecond() -> None:
    (line,) = log_lines(entries_of([raw("ERROR pool exhausted")]), "app")
    assert line == (STAMP, "app", Severity.ERROR, "ERROR pool exhausted")


@pytest.mark.parametrize(
    ("message", "priority", "severity"),
    [
        ("plain", "3", Severity.ERROR),
        ("plain", "4", Severity.WARNING),
        ("plain", "6", Severity.INFO),
        ("plain", "7", Severity.DEBUG),
        ("plain", "", Severity.UNKNOWN),
        ("WARN disk is filling", "6", Severity.WARNING),
    ],
)
def test_the_text_says_how_severe_it_is_before_the_priority(
    message: str, priority: str, severity: Severity
) -> None:
    (line,) = log_lines(entries_of([raw(message, priority)]), "app")
    assert line.severity is severity


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ([99, 97, 102, 233], ["caf\N{REPLACEMENT CHARACTER}"]),
        ("one\ntwo\n", ["one", "two"]),
        (["one", "two"], ["one", "two"]),
        (["one", [116, 119, 111]], ["one", "two"]),
        ("\x1b[31mred", ["\x1b[31mred"]),
        (None, [""]),
        ("", [""]),
    ],
)
def test_whatever_journald_makes_of_a_message_is_text(message: object, lines: list[str]) -> None:
    assert texts(raw(message)) == lines


def test_an_entry_without_time_or_message_is_a_line_all_the_same() -> None:
    assert log_lines([{}], "app") == [("", "app", Severity.UNKNOWN, "")]


def test_a_broken_entry_does_not_hide_the_others() -> None:
    found = texts(raw("one"), b"[]", b"nonsense", raw("two"))
    assert (found[0], found[-1]) == ("one", "two")


def test_a_long_line_comes_in_pieces() -> None:
    found = texts(raw("x" * 500_000))
    assert sum(map(len, found)) == 500_000
    assert max(map(len, found)) == LONGEST_LINE


def test_a_stream_may_be_cut_anywhere() -> None:
    stream = raw("one") + b"\n" + raw("two ä") + b"\n"
    for at in range(len(stream)):
        splitter = Splitter()
        lines = [*splitter.feed(stream[:at]), *splitter.feed(stream[at:])]
        assert texts(*lines) == ["one", "two ä"]


@pytest.mark.parametrize("message", ["x" * 9000, 'ä\\"' * 3000, list(b"x" * 5000)])
def test_of_an_endless_entry_the_beginning_is_kept(message: object) -> None:
    splitter = Splitter(longest=1000)
    head = f'{{"__REALTIME_TIMESTAMP":"{AT_US}","PRIORITY":"3","MESSAGE":'.encode()
    content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    stream = head + content + b"}\n" + raw("next") + b"\n"
    lines = [
        line for at in range(0, len(stream), 97) for line in splitter.feed(stream[at : at + 97])
    ]
    assert max(map(len, lines)) <= 1000
    first, rest, last = log_lines(entries_of(lines), "app")
    assert (first.stamp, first.severity) == (STAMP, Severity.ERROR)
    assert first.text[:2] in {"xx", "ä\\"}
    assert "too long to be shown" in rest.text
    assert last.text == "next"


def told(identity: str, message: str, **fields: str) -> Entry:
    return {
        "__REALTIME_TIMESTAMP": str(AT_US),
        "UNIT": "app.service",
        "MESSAGE_ID": identity,
        "MESSAGE": message,
        **fields,
    }


EXITED = "98e322203f7a4ed290d09fe03c09fe15"
FAILED = "d9b373ed55a64feb8242e02dbe79a49c"
STARTED = "39f53479d3a045ac8e11786248231fbf"
STOPPED = "9d1aaa27d60140bd96365438aad20286"
AGAIN = "5eb03494b6584870a536b337290809b3"
NO_MEMORY = "fe6faa94e7774663a0da52717891d8ef"


@pytest.mark.parametrize(
    ("entry", "kind", "state"),
    [
        (told(STARTED, "Started app.service."), ChangeKind.STARTED, State.OK),
        (told(STOPPED, "Stopped app.service.", JOB_TYPE="stop"), ChangeKind.STOPPED, State.OK),
        (
            told(EXITED, "app.service: Main process exited", EXIT_CODE="exited", EXIT_STATUS="7"),
            *(ChangeKind.FAILED, State.CRITICAL),
        ),
        (told(AGAIN, "app.service: Scheduled restart"), ChangeKind.RESTART, State.WARNING),
        (told(NO_MEMORY, "killed"), ChangeKind.OUT_OF_MEMORY, State.CRITICAL),
        (told(FAILED, "x", UNIT_RESULT="timeout"), ChangeKind.FAILED, State.CRITICAL),
    ],
)
def test_what_systemd_tells_is_a_change(entry: Entry, kind: ChangeKind, state: State) -> None:
    change = change_of(entry, "here")
    assert change
    assert (change.kind, change.state, change.subject, change.source) == (
        *(kind, state, "app", "here"),
    )
    assert change.at == datetime(2026, 11, 28, 15, 34, 39, 815611, tzinfo=UTC)
    assert not change.text.startswith("app.service:")


@pytest.mark.parametrize(
    "entry",
    [
        told(STOPPED, "Stopped app.service.", JOB_TYPE="restart"),
        told(EXITED, "x", EXIT_CODE="exited", EXIT_STATUS="0"),
        told(FAILED, "x", UNIT_RESULT="exit-code"),
        told(STARTED, "app was skipped because of an unmet condition check"),
        told("7d4958e842da4a758f6c1cdc7b36dcc5", "Starting app.service..."),
        {"MESSAGE": "nothing else"},
        {**told(STARTED, "x"), "UNIT": ["a", "b"]},
    ],
)
def test_what_is_told_twice_or_means_nothing_is_left_out(entry: Entry) -> None:
    assert change_of(entry, "here") is None


def change(text: str, minute: int) -> Change:
    at = datetime(2026, 11, 28, 2, tzinfo=UTC) + timedelta(minutes=minute)
    return Change(at=at, kind=ChangeKind.STARTED, subject="app", text=text)


def test_many_alike_are_told_once() -> None:
    many = [change("Finished app.", minute) for minute in reversed(range(0, 50, 5))]
    (one,) = folded(many)
    assert (one.times, one.since, one.at) == (10, many[-1].at, many[0].at)


def test_a_few_alike_stay_apart_and_in_order() -> None:
    some = [change("Started app.", 9), change("Stopped app.", 5), change("Started app.", 1)]
    assert [each.at.minute for each in folded(some)] == [1, 5, 9]


def test_restarts_are_alike_whatever_their_number() -> None:
    many = [change(f"Scheduled restart job, restart counter is at {n}.", n) for n in range(8)]
    (one,) = folded(many)
    assert (one.times, one.text[-2:]) == (8, "7.")


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("System has not been booted with systemd as init system (PID 1).", "not booted"),
        ("Failed to connect to bus: No such file or directory", "does not answer"),
        ("something else", "something else"),
    ],
)
def test_a_complaint_of_systemctl_is_explained(said: str, part: str) -> None:
    error = explained(SourceError(f"systemctl ended with exit status 1 and said: {said}", fix="x"))
    assert part in error.what
    assert error.fix


@pytest.mark.parametrize(
    ("status", "said", "part"),
    [
        (1, "No journal files were opened due to insufficient permissions.", "may not read"),
        (0, "Hint: You are currently not seeing messages from other users", "may not read"),
        (0, "No journal files were found.", "keeps no journal"),
        (1, "Failed to \x1b[31mparse", "exit status 1 and said: Failed to parse"),
    ],
)
def test_a_complaint_of_journalctl_is_explained(status: int, said: str, part: str) -> None:
    error = journal_error(("journalctl",), status, said)
    assert error
    assert part in error.what
    assert error.fix


def test_a_journal_that_answers_is_no_error() -> None:
    assert journal_error(("journalctl",), 0, "") is None
