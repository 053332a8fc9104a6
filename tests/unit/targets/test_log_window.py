"""The window over a log: bounded, filtered and searched, as if every line were looked at anew."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity, pieces, severity_of
from procedures.targets.log_window import LogFilter, LogWindow, pattern_of

LINES = st.builds(
    LogLine,
    stamp=st.just("2026-11-23T14:25:00Z"),
    unit=st.sampled_from(["a", "b"]),
    severity=st.sampled_from(Severity),
    text=st.text(alphabet="xyZ", max_size=12),
)
FILTERS = st.builds(
    LogFilter, least=st.sampled_from(Severity), unit=st.sampled_from(["", "a", "b"])
)


@dataclass
class Naive:
    """What the window must show, by looking at every line each time."""

    most_lines: int
    most_characters: int
    every: list[LogLine]

    def kept(self) -> list[tuple[int, LogLine]]:
        kept = list(enumerate(self.every))[-self.most_lines :]
        while len(kept) > 1 and sum(len(x.text) for _, x in kept) > self.most_characters:
            kept.pop(0)
        return kept


@given(
    batches=st.lists(st.lists(LINES, max_size=8), max_size=12),
    changes=st.lists(FILTERS, min_size=12, max_size=12),
    most_lines=st.integers(1, 10),
    most_characters=st.integers(5, 60),
)
def test_it_shows_what_a_look_at_every_line_would(
    batches: list[list[LogLine]],
    changes: list[LogFilter],
    most_lines: int,
    most_characters: int,
) -> None:
    window = LogWindow(most_lines=most_lines, most_characters=most_characters)
    naive = Naive(most_lines, most_characters, [])
    for number, batch in enumerate(batches):
        if number % 3 == 0:
            window.show_only(changes[number])
        window.append(batch)
        naive.every += batch
        kept = naive.kept()
        shown = [(n, line) for n, line in kept if window.filter.passes(line)]
        assert window.came == len(naive.every)
        assert [window.number_at(place) for place in range(window.shown)] == [n for n, _ in shown]
        assert list(window.lines()) == [line for _, line in shown]
        assert all(window.line(n) == line for n, line in kept)
        for severity in Severity:
            assert window.count(severity) == sum(x.severity is severity for _, x in kept)
        for place, (n, _) in enumerate(shown):
            assert window.place_of(n) == place
    assert window.errors == sum(line.severity is Severity.ERROR for line in naive.every)


@given(
    lines=st.lists(LINES, min_size=1, max_size=30),
    words=st.text(alphabet="xyZ", min_size=1, max_size=3),
    back=st.booleans(),
)
def test_a_search_finds_the_next_line_that_is_shown_and_matches(
    lines: list[LogLine], words: str, back: bool
) -> None:
    window = LogWindow(most_lines=20)
    window.show_only(LogFilter(least=Severity.INFO))
    window.append(lines)
    start = window.came - 1 if back else window.first
    found = [n for n in window.search(pattern_of(words), start, back=back) if n is not None]
    exact = words != words.lower()
    fitting = [
        n
        for n in range(window.first, window.came)
        if window.line(n).severity >= Severity.INFO
        and (words in window.line(n).text if exact else words in window.line(n).text.lower())
    ]
    assert found == (fitting[-1:] if back else fitting[:1])


def test_a_search_through_a_full_window_comes_in_slices() -> None:
    window = LogWindow()
    window.append([LogLine("", "a", Severity.INFO, "nothing of note")] * 50_000)
    slices = list(window.search(pattern_of("needle"), window.came - 1, back=True))
    assert len(slices) >= 20
    assert set(slices) == {None}


def test_words_are_found_as_they_are_and_not_as_a_pattern() -> None:
    assert pattern_of("a.c(").search("A.C( it")
    assert not pattern_of("a.c").search("abc")
    assert not pattern_of("Abc").search("abc")


def test_a_line_says_how_severe_it_is() -> None:
    said = {
        "ERROR pool exhausted": Severity.ERROR,
        'time="x" level=error msg="y"': Severity.ERROR,
        '{"level":"warn","msg":"errors=0"}': Severity.WARNING,
        "2026-11-23 14:25:00 UTC [1] FATAL:  the database system is shutting down": Severity.ERROR,
        "1:M 23 Nov 2026 14:25:00.000 # WARNING overcommit_memory is set to 0": Severity.WARNING,
        "[INFO] no errors": Severity.INFO,
        "errors=0 warnings=0": Severity.UNKNOWN,
        "opened /var/log/error": Severity.UNKNOWN,
        "x" * 200 + " ERROR": Severity.UNKNOWN,
    }
    assert {text: severity_of(text) for text in said} == said


@given(st.integers(0, 5 * LONGEST_LINE))
def test_a_long_line_comes_in_pieces_and_nothing_is_lost(length: int) -> None:
    text = ("0123456789" * (length // 10 + 1))[:length]
    parts = pieces(text)
    assert "".join(parts) == text
    assert all(len(part) <= LONGEST_LINE for part in parts)
