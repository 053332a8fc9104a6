"""Texts of systemctl as values."""

from datetime import UTC, datetime, timedelta

import pytest

from procedures.targets.systemd.accounting import Accounting
from procedures.targets.systemd.properties import blocks, load_error, moment, number, program, span
from tests.unit.targets.systemd.recorded import MASKED, MONOTONIC_TIMER, SERVICE, service


@pytest.mark.parametrize("gap", ["\n", " \n"])
def test_each_unit_is_a_block(gap: str) -> None:
    found = blocks(f"{SERVICE}{gap}{MONOTONIC_TIMER}{gap}{MASKED}")
    assert [each["Id"] for each in found] == [
        *("llm-config-manager.service", "mono.timer", "gone.service")
    ]
    assert blocks("") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("412909568", 412909568),
        ("0", 0),
        ("[not set]", None),
        ("infinity", None),
        ("18446744073709551615", None),
        ("", None),
        ("-1", None),
        ("²", None),
        (None, None),
    ],
)
def test_what_is_not_set_is_no_number(text: str | None, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sat 2026-11-28 02:00:00 UTC", datetime(2026, 11, 28, 2, tzinfo=UTC)),
        ("Sat 2026-11-28 02:00:00.5 UTC", datetime(2026, 11, 28, 2, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-28 02:00:00 UTC", datetime(2026, 11, 28, 2, tzinfo=UTC)),
        ("@1795831200", datetime(2026, 11, 28, 2, tzinfo=UTC)),
        ("Sat 2026-11-28 02:00:00 CET", None),
        ("Sat 2026-13-28 02:00:00 UTC", None),
        ("@soon", None),
        ("@1e99", None),
        ("n/a", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_utc_or_nothing(text: str | None, value: datetime | None) -> None:
    assert moment(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3h 50min 48.733991s", 13848.733991),
        ("1w 2d", 777_600.0),
        ("250ms", 0.25),
        ("1month 5us", 2_629_800.000005),
        ("0", None),
        ("infinity", None),
        ("5 parsecs", None),
        ("", None),
    ],
)
def test_a_span_is_added_up(text: str, seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert span(text) == expected


def test_a_program_with_a_blank_in_its_path_is_whole() -> None:
    assert program("{ path=/opt/my app/run ; argv[]=/opt/my app/run -v ; pid=1 }") == (
        "/opt/my app/run"
    )
    assert program("") == program(None) == ""


def test_a_load_error_is_a_sentence_without_its_class() -> None:
    text = 'org.freedesktop.systemd1.BadUnitSetting "Unit bad.service has a bad setting."'
    assert load_error(text) == "Unit bad.service has a bad setting"


def test_two_looks_at_the_counter_tell_the_processors_in_use() -> None:
    accounting = Accounting()
    first = accounting.use(service(CPUUsageNSec="1000000000"), 10.0)
    assert first.cpu_cores is None
    assert (first.memory_bytes, first.memory_limit_bytes) == (412909568, 2 * 1024**3)
    assert accounting.use(service(CPUUsageNSec="3000000000"), 14.0).cpu_cores == 0.5


def test_a_look_that_follows_at_once_repeats_what_was_known() -> None:
    accounting = Accounting()
    looks = (("0", 0.0), ("1000000000", 1.0), ("1000000001", 1.0001))
    uses = [accounting.use(service(CPUUsageNSec=used), at) for used, at in looks]
    assert [each.cpu_cores for each in uses] == [None, 1.0, 1.0]


def test_a_counter_that_began_anew_tells_nothing_yet() -> None:
    accounting = Accounting()
    accounting.use(service(CPUUsageNSec="9000000000"), 0.0)
    assert accounting.use(service(CPUUsageNSec="1000000"), 5.0).cpu_cores is None
    assert accounting.use(service(CPUUsageNSec="[not set]"), 9.0).cpu_cores is None
    assert accounting.use(service(CPUUsageNSec="9000000000"), 10.0).cpu_cores is None


def test_a_unit_that_is_gone_is_forgotten() -> None:
    accounting = Accounting()
    accounting.use(service(CPUUsageNSec="0"), 0.0)
    accounting.keep(set())
    assert accounting.use(service(CPUUsageNSec="5000000000"), 5.0).cpu_cores is None
