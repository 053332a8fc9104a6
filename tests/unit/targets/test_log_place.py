"""A log that is asked for again by time gives each line once."""

import random

from hypothesis import given
from hypothesis import strategies as st

from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.log_merging import REORDER_S, LogMerge
from procedures.targets.log_place import LogPlace

TIMES = [0.0, 0.05, 0.12, 0.123, 0.5, 1.0, 1.01]


def stamp(time: float) -> str:
    """Write a time as Go does: without zeros at the end of its fraction."""
    second, _, fraction = f"{time:.3f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"2026-11-23T14:25:{int(second):02}{'.' if fraction else ''}{fraction}Z"


def said(time: float, text: str, unit: str = "a") -> LogLine:
    return LogLine(stamp(time), unit, Severity.INFO, text)


written = st.lists(st.tuples(st.sampled_from(TIMES), st.sampled_from("xy"))).map(
    lambda pairs: [said(time, text) for time, text in sorted(pairs, key=lambda pair: pair[0])]
)
sizes = st.lists(st.integers(1, 4), min_size=1)


def in_batches(lines: list[LogLine], sizes: list[int]) -> list[list[LogLine]]:
    batches, at, turn = [], 0, 0
    while at < len(lines):
        batches.append(lines[at : at + sizes[turn % len(sizes)]])
        at, turn = at + len(batches[-1]), turn + 1
    return batches


@given(log=written, cuts=st.lists(st.integers(0, 30), max_size=3), sizes=sizes)
def test_however_often_it_is_cut_every_line_comes_once(
    log: list[LogLine], cuts: list[int], sizes: list[int]
) -> None:
    place = LogPlace()
    told: list[LogLine] = []
    for cut in [*cuts, len(log)]:
        place.resume()
        since = place.since
        first = stamp(0.0)[:19] if since is None else since.isoformat()[:19]
        again = [each for each in log[:cut] if each.stamp[:19] >= first]
        if len(again) < len(told) - sum(each.stamp[:19] < first for each in told):
            continue  # a log never becomes shorter
        for batch in in_batches(again, sizes):
            told += place.new(batch)
    assert told == log


@given(
    logs=st.lists(written, min_size=1, max_size=4),
    order=st.randoms(use_true_random=False),
    sizes=sizes,
)
def test_the_past_of_several_units_is_given_in_the_order_of_time(
    logs: list[list[LogLine]], order: random.Random, sizes: list[int]
) -> None:
    merge = LogMerge()
    told: list[LogLine] = []
    queues = {
        str(n): in_batches([each._replace(unit=str(n)) for each in log], sizes)
        for n, log in enumerate(logs)
    }
    for name in queues:
        merge.begin(name, 0.0, stamp(9.0))
    while left := [name for name in queues if queues[name]]:
        merge.add(name := order.choice(left), queues[name].pop(0), 0.0)
        told += merge.take(0.0)
    while merge.has_lines:
        told += merge.take(REORDER_S)
    stamps = [each.stamp.rstrip("Z") for each in told]
    assert stamps == sorted(stamps)
    for n, log in enumerate(logs):
        assert [each.text for each in told if each.unit == str(n)] == [each.text for each in log]


def test_whoever_has_caught_up_is_not_waited_for() -> None:
    merge = LogMerge()
    merge.begin("a", 0.0, stamp(5.0))
    merge.begin("b", 0.0, stamp(5.0))
    merge.add("a", [said(6.0, "now")], 0.0)
    assert merge.take(0.0) == [], "b may still have older lines"
    merge.add("b", [], 0.0)
    assert [each.text for each in merge.take(0.0)] == ["now"]


def test_lines_without_a_time_do_not_hold_others_up() -> None:
    merge = LogMerge()
    merge.begin("a", 0.0, stamp(5.0))
    merge.begin("b", 0.0, stamp(5.0))
    merge.add("a", [LogLine("", "a", Severity.UNKNOWN, "timeless")], 0.0)
    merge.add("b", [said(1.0, "old", "b")], 0.0)
    assert {each.text for each in merge.take(0.0)} == {"timeless", "old"}
