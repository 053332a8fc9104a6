"""Signs, ages and sizes as an operator reads them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from procedures.reference.states import State
from procedures.signals.values import AlertPhase
from tests.scripted import alert
from widgets.marks import GLYPHS, age, alert_state, duration, size

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_states_differ_without_colour() -> None:
    assert len(set(GLYPHS.values())) == len(State)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0, "0s"), (99, "99s"), (100, "2m"), (5999, "100m"), (7200, "2h"), (172800, "2d")],
)
def test_durations_take_at_most_four_characters(seconds: float, text: str) -> None:
    assert duration(seconds) == text
    assert len(duration(seconds)) <= 4


def test_what_never_happened_has_no_age() -> None:
    assert age(None, NOW) == "never"
    assert age(NOW - timedelta(minutes=12), NOW) == "12m"


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0B"), (1023, "1023B"), (1024, "1.0KiB"), (3 * 1024**4, "3.0TiB")]
)
def test_sizes_are_binary(amount: float, text: str) -> None:
    assert size(amount) == text


def test_a_pending_alert_is_never_shown_as_critical() -> None:
    fires = alert("ServiceDown", severity="critical")
    assert alert_state(fires) is State.CRITICAL
    assert alert_state(replace(fires, phase=AlertPhase.PENDING)) is State.WARNING
    assert alert_state(replace(fires, severity="page")) is State.WARNING
